/** Refreshing, live, crosshair and kiosk. */
import { AimOutlined, DesktopOutlined, LoadingOutlined, ReloadOutlined } from "@ant-design/icons";
import { useIsFetching } from "@tanstack/react-query";
import { Button, Select, Space, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { keysOfTimeline } from "./api";
import type { Refreshing } from "./use-refresh";
import { useView } from "./use-view";
import { CROSSHAIRS, REFRESH } from "./view";

export function Refresh({ refreshing }: { refreshing: Refreshing }): ReactNode {
  const t = useT();
  const { search, change } = useView();
  const asking = useIsFetching({ queryKey: keysOfTimeline.all }) > 0;
  const say = t(asking ? "timeline.refresh.cancel" : "timeline.refresh");
  return (
    <Space.Compact>
      <Tooltip title={say}>
        <Button icon={asking ? <LoadingOutlined /> : <ReloadOutlined />} aria-label={say} onClick={asking ? refreshing.cancel : refreshing.refresh} />
      </Tooltip>
      <Select
        className="tl-refresh" value={search.refresh ?? "off"} aria-label={t("timeline.refresh.every")} popupMatchSelectWidth={false}
        onChange={(refresh) => { change({ refresh: refresh === "off" ? undefined : refresh }); }}
        options={REFRESH.map((one) => ({ value: one, label: one === "off" || one === "live" || one === "auto" ? t(`timeline.refresh.${one}`) : one, disabled: one === "live" && search.known_at !== undefined }))}
      />
    </Space.Compact>
  );
}

export function CrosshairChoice(): ReactNode {
  const t = useT();
  const { search, change } = useView();
  return (
    <Select
      className="tl-crosshair-choice" value={search.crosshair ?? "tooltip"} aria-label={t("timeline.crosshair")} prefix={<AimOutlined />} popupMatchSelectWidth={false}
      onChange={(crosshair) => { change({ crosshair: crosshair === "tooltip" ? undefined : crosshair }); }}
      options={CROSSHAIRS.map((one) => ({ value: one, label: t(`timeline.crosshair.${one}`) }))}
    />
  );
}

export function KioskButton(): ReactNode {
  const t = useT();
  const { search, change } = useView();
  return (
    <Tooltip title={t("timeline.act.kiosk")}>
      <Button icon={<DesktopOutlined />} aria-label={t("timeline.act.kiosk")} aria-pressed={search.kiosk !== undefined} onClick={() => { change({ kiosk: search.kiosk === undefined ? "true" : undefined }); }} />
    </Tooltip>
  );
}
