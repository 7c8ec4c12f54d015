/** The rooms of the console: what the menu shows, to whom, in which order. A room is listed once it has something in it. */
import { AimOutlined, FieldTimeOutlined, HomeOutlined, SettingOutlined, TagsOutlined, TeamOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import type { Right } from "@/shared/api/session";
import type { Key } from "@/shared/i18n/words";

export interface Place {
  to: "/" | "/recall" | "/timeline" | "/names" | "/people" | "/system";
  label: Key;
  icon: ReactNode;
  /** One of these rights opens it; none listed: everyone's. */
  rights: readonly Right[];
}

export const PLACES: readonly Place[] = [
  { to: "/", label: "nav.home", icon: <HomeOutlined />, rights: [] },
  { to: "/recall", label: "nav.recall", icon: <AimOutlined />, rights: ["trace"] },
  { to: "/timeline", label: "nav.timeline", icon: <FieldTimeOutlined />, rights: ["query"] },
  { to: "/names", label: "nav.names", icon: <TagsOutlined />, rights: ["query"] },
  { to: "/people", label: "nav.people", icon: <TeamOutlined />, rights: ["accounts", "keys", "audit"] },
  { to: "/system", label: "nav.system", icon: <SettingOutlined />, rights: ["operate"] },
];
