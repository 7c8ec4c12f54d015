/** The range: a list of relative ones, free text, two ends as written, the last ones used; and the zone that governs them. */
import { ArrowLeftOutlined, ArrowRightOutlined, CalendarOutlined, ClockCircleOutlined, ZoomOutOutlined } from "@ant-design/icons";
import { Button, Input, Popover, Select, Space, Tooltip } from "antd";
import { useRef, useState, type ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { isKey } from "@/shared/i18n/words";
import { timeText } from "@/shared/time/format";
import { instantFrom, isRelative, RELATIVE, rangeFrom, rangeOf, type Range, type RawRange } from "@/shared/time/range";
import { offsetText } from "@/shared/time/wall";
import { recentRanges } from "./recent";
import type { Ranging } from "./use-ranging";
import { useView } from "./use-view";
import { zoneOf } from "./view";

interface Props {
  raw: RawRange;
  range: Range;
  zone: string;
  now: number;
  ranging: Ranging;
}

export function TimePicker({ raw, range, zone, now, ranging }: Props): ReactNode {
  const t = useT();
  const [open, setOpen] = useState(false);
  const choose = (next: RawRange): void => {
    setOpen(false);
    ranging.choose(next);
  };
  return (
    <Space.Compact className="tl-picker">
      <Tooltip title={t("timeline.act.back")}><Button icon={<ArrowLeftOutlined />} aria-label={t("timeline.act.back")} onClick={ranging.earlier} /></Tooltip>
      <Popover trigger="click" open={open} onOpenChange={setOpen} placement="bottom" destroyOnHidden content={<Choosing raw={raw} range={range} zone={zone} now={now} choose={choose} />}>
        <Button icon={<ClockCircleOutlined />} data-testid="range" className="tl-picker-text"><Said raw={raw} range={range} zone={zone} /></Button>
      </Popover>
      <Tooltip title={t("timeline.act.forward")}><Button icon={<ArrowRightOutlined />} aria-label={t("timeline.act.forward")} onClick={ranging.later} /></Tooltip>
      <Tooltip title={t("timeline.act.out")}><Button icon={<ZoomOutOutlined />} aria-label={t("timeline.act.out")} onClick={ranging.out} /></Tooltip>
    </Space.Compact>
  );
}

/** A range in words where the list has it, else both ends by the zone's clock. */
export function useSaid(): (raw: RawRange, range: Range | null, zone: string) => string {
  const t = useT();
  return (raw, range, zone) => {
    const key = `timeline.range.${raw.from}`;
    if (raw.to === (raw.from.includes("/") ? raw.from : "now") && isKey(key)) return t(key);
    const free = /^now-(\d+)([smhdwMy])$/.exec(raw.from);
    if (free !== null && raw.to === "now") {
      const unit = `timeline.last.${free[2] ?? ""}`;
      if (isKey(unit)) return t(unit, { count: free[1] ?? "" });
    }
    if (range === null) return `${raw.from} – ${raw.to}`;
    const [from, to] = [timeText(new Date(range.from).toISOString(), zone), timeText(new Date(range.to).toISOString(), zone)];
    const digits = range.to - range.from < 600_000 ? 19 : 16;
    const same = from.slice(0, 10) === to.slice(0, 10) ? 11 : from.slice(0, 4) === to.slice(0, 4) ? 5 : 0;
    return `${from.slice(0, digits)} – ${raw.to === "now" ? t("timeline.now") : to.slice(same, digits)}`;
  };
}

function Said({ raw, range, zone }: { raw: RawRange; range: Range; zone: string }): ReactNode {
  const said = useSaid();
  return <span title={`${timeText(new Date(range.from).toISOString(), zone)} – ${timeText(new Date(range.to).toISOString(), zone)}`}>{said(raw, range, zone)}</span>;
}

interface ChoosingProps extends Omit<Props, "ranging"> {
  choose: (raw: RawRange) => void;
}

function Choosing({ raw, range, zone, now, choose }: ChoosingProps): ReactNode {
  const t = useT();
  const said = useSaid();
  const [quick, setQuick] = useState("");
  const wanted = rangeFrom(quick);
  const good = wanted !== null && rangeOf(wanted, now, zone) !== null;
  const recent = recentRanges();
  return (
    <div className="tl-choosing">
      <div className="tl-choosing-ends">
        <Ends raw={raw} range={range} zone={zone} now={now} choose={choose} />
        {recent.length > 0 && (
          <>
            <h3>{t("timeline.range.recent")}</h3>
            <ul className="tl-list">{recent.map((one) => <li key={one.from + one.to}><Button type="link" size="small" onClick={() => { choose(one); }}>{said(one, rangeOf(one, now, zone), zone)}</Button></li>)}</ul>
          </>
        )}
        <h3>{t("timeline.zone")}</h3>
        <ZoneChoice now={now} />
      </div>
      <div className="tl-choosing-list">
        <Input
          size="small" value={quick} placeholder={t("timeline.range.quick")} aria-label={t("timeline.range.quick")} status={quick !== "" && !good ? "warning" : ""}
          onChange={(event) => { setQuick(event.target.value); }} onPressEnter={() => { if (wanted !== null && good) choose(wanted); }}
        />
        <ul className="tl-list">
          {RELATIVE.map((one) => (
            <li key={one.from + one.to}>
              <Button type={one.from === raw.from && one.to === raw.to ? "primary" : "text"} size="small" block className="tl-left" onClick={() => { choose(one); }}>{said(one, null, zone)}</Button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** Both ends as text; what is no time is said, and changes nothing. */
function Ends({ raw, range, zone, now, choose }: ChoosingProps): ReactNode {
  const t = useT();
  const [from, setFrom] = useState(() => (isRelative(raw.from) ? raw.from : timeText(new Date(range.from).toISOString(), zone)));
  const [to, setTo] = useState(() => (isRelative(raw.to) ? raw.to : timeText(new Date(range.to).toISOString(), zone)));
  const bad = { from: instantFrom(from, now, zone) === null, to: instantFrom(to, now, zone, true) === null };
  const turned = !bad.from && !bad.to && rangeOf({ from, to }, now, zone) === null;
  const apply = (): void => { if (!bad.from && !bad.to && !turned) choose({ from: fixed(from, now, zone, false), to: fixed(to, now, zone, true) }); };
  return (
    <form onSubmit={(event) => { event.preventDefault(); apply(); }}>
      <End label={t("timeline.range.from")} value={from} bad={bad.from} set={setFrom} />
      <End label={t("timeline.range.to")} value={to} bad={bad.to} set={setTo} />
      {turned && <p role="alert" className="tl-bad">{t("timeline.range.turned")}</p>}
      <Button htmlType="submit" type="primary" size="small" disabled={bad.from || bad.to || turned}>{t("timeline.range.apply")}</Button>
    </form>
  );
}

/** What was written without an offset is fixed to the zone it was written in; what is relative stays so. */
function fixed(text: string, now: number, zone: string, up: boolean): string {
  const at = instantFrom(text, now, zone, up);
  return isRelative(text) || at === null ? text.trim() : new Date(at).toISOString();
}

function End({ label, value, bad, set }: { label: string; value: string; bad: boolean; set: (text: string) => void }): ReactNode {
  const t = useT();
  const native = useRef<HTMLInputElement>(null);
  return (
    <label className="tl-end">
      <span>{label}</span>
      <Space.Compact block>
        <Input size="small" value={value} status={bad ? "error" : ""} aria-invalid={bad} onChange={(event) => { set(event.target.value); }} />
        <Button size="small" icon={<CalendarOutlined />} aria-label={`${t("timeline.range.calendar")} ${label}`} onClick={() => { native.current?.showPicker(); }} />
      </Space.Compact>
      <input ref={native} type="datetime-local" className="tl-native" tabIndex={-1} aria-hidden onChange={(event) => { set(event.target.value.replace("T", " ")); }} />
      {bad && <span role="alert" className="tl-bad">{t("timeline.range.bad")}</span>}
    </label>
  );
}

function ZoneChoice({ now }: { now: number }): ReactNode {
  const t = useT();
  const { search, change } = useView();
  const browser = zoneOf("browser");
  const names = Intl.supportedValuesOf("timeZone");
  return (
    <Select
      size="small" showSearch className="tl-zone" value={search.timezone ?? "browser"} aria-label={t("timeline.zone")}
      onChange={(timezone: string) => { change({ timezone: timezone === "browser" ? undefined : timezone }); }}
      options={[
        { value: "browser", label: `${t("timeline.zone.browser")} · ${browser}` }, { value: "utc", label: "UTC" },
        ...names.map((one) => ({ value: one, label: `${one} ${offsetText(now, one)}` })),
      ]}
    />
  );
}
