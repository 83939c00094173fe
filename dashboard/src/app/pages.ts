/** The pages, as data: where they are, who sees them in the navigation, what is loaded for them. */

import {
  IconAdjustments,
  IconBell,
  IconBuilding,
  IconChartBar,
  IconCode,
  IconDeviceLaptop,
  IconEye,
  IconFlame,
  IconGauge,
  IconHandStop,
  IconLayoutDashboard,
  IconListDetails,
  IconPlugConnected,
  IconScale,
  IconShieldExclamation,
  IconUserCircle,
  IconUsers,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Scope, Session } from "@/api/session";

export type PageGroup = "Usage" | "Rules" | "Organisation" | "You";

export type PageEntry = {
  path: string;
  /** In the navigation and the command palette; a page without one is reached from others. */
  label?: string;
  group?: PageGroup;
  icon?: ComponentType<{ size?: number; stroke?: number }>;
  /** Only for those who may do this. */
  scope?: Scope;
  /** Only for these roles, where a scope does not say it. */
  roles?: readonly Session["role"][];
  load: () => Promise<{ default: ComponentType }>;
};

export const PAGES: readonly PageEntry[] = [
  {
    path: "/",
    label: "Overview",
    group: "Usage",
    icon: IconLayoutDashboard,
    scope: "usage:read",
    load: () => import("@/features/overview/OverviewPage"),
  },
  {
    path: "/usage",
    label: "Usage",
    group: "Usage",
    icon: IconChartBar,
    scope: "usage:read",
    load: () => import("@/features/usage/UsagePage"),
  },
  {
    path: "/budget",
    label: "Budget",
    group: "Usage",
    icon: IconGauge,
    scope: "budgets:read",
    load: () => import("@/features/budgets/BudgetPage"),
  },
  {
    path: "/budget/exemptions",
    label: "Exemptions",
    group: "Usage",
    icon: IconHandStop,
    scope: "budgets:read",
    load: () => import("@/features/exemptions/ExemptionsPage"),
  },
  {
    path: "/budget/exemptions/new",
    scope: "exemptions:ask",
    load: () => import("@/features/exemptions/NewExemptionPage"),
  },
  {
    path: "/budget/$budgetId",
    scope: "budgets:read",
    load: () => import("@/features/budgets/OneBudgetPage"),
  },
  {
    path: "/alerts",
    label: "Alerts",
    group: "Usage",
    icon: IconBell,
    scope: "alerts:read",
    load: () => import("@/features/alerts/AlertsPage"),
  },
  {
    path: "/policies",
    label: "Policies",
    group: "Rules",
    icon: IconScale,
    scope: "policies:read",
    load: () => import("@/features/policies/PoliciesPage"),
  },
  {
    path: "/policies/new",
    scope: "policies:write",
    load: () => import("@/features/policies/NewPolicyPage"),
  },
  {
    path: "/policies/$policyId",
    scope: "policies:read",
    load: () => import("@/features/policies/PolicyPage"),
  },
  {
    path: "/incidents",
    label: "Incidents",
    group: "Rules",
    icon: IconFlame,
    scope: "incidents:read",
    load: () => import("@/features/incidents/IncidentsPage"),
  },
  {
    path: "/incidents/$incidentId",
    scope: "incidents:read",
    load: () => import("@/features/incidents/OneIncidentPage"),
  },
  {
    path: "/risk-events",
    label: "Risk events",
    group: "Rules",
    icon: IconShieldExclamation,
    scope: "risks:read",
    load: () => import("@/features/risks/RisksPage"),
  },
  {
    path: "/devices",
    label: "Devices",
    group: "Organisation",
    icon: IconDeviceLaptop,
    scope: "devices:read",
    load: () => import("@/features/devices/DevicesPage"),
  },
  {
    path: "/people",
    label: "People",
    group: "Organisation",
    icon: IconUsers,
    scope: "people:read",
    roles: ["owner", "admin", "manager"],
    load: () => import("@/features/people/PeoplePage"),
  },
  {
    path: "/departments",
    label: "Departments",
    group: "Organisation",
    icon: IconBuilding,
    scope: "people:write",
    load: () => import("@/features/people/DepartmentsPage"),
  },
  {
    path: "/audit-log",
    label: "Audit log",
    group: "Organisation",
    icon: IconListDetails,
    scope: "audit:read",
    load: () => import("@/features/audit/AuditPage"),
  },
  {
    path: "/developer",
    label: "Developer",
    group: "Organisation",
    icon: IconCode,
    scope: "access:write",
    load: () => import("@/features/developer/DeveloperPage"),
  },
  {
    path: "/integrations",
    label: "Integrations",
    group: "Organisation",
    icon: IconPlugConnected,
    scope: "webhooks:read",
    load: () => import("@/features/telling/TellingPage"),
  },
  {
    path: "/integrations/$webhookId",
    scope: "webhooks:read",
    load: () => import("@/features/telling/ReceiverPage"),
  },
  {
    path: "/settings",
    label: "Settings",
    group: "Organisation",
    icon: IconAdjustments,
    scope: "people:write",
    load: () => import("@/features/settings/SettingsPage"),
  },
  {
    path: "/me",
    label: "What is seen of you",
    group: "You",
    icon: IconEye,
    scope: "usage:read",
    load: () => import("@/features/me/MePage"),
  },
  {
    path: "/account",
    label: "Account",
    group: "You",
    icon: IconUserCircle,
    load: () => import("@/features/account/AccountPage"),
  },
];

/** Whether a page is there for someone. */
export function open(page: PageEntry, session: Session): boolean {
  const mayDo = !page.scope || session.scopes.includes(page.scope);
  return mayDo && (!page.roles || page.roles.includes(session.role));
}

/** The pages in someone's navigation. */
export function navigationOf(session: Session): (PageEntry & { label: string; group: PageGroup })[] {
  return PAGES.flatMap(({ label, group, ...page }) =>
    label && group && open(page, session) ? [{ ...page, label, group }] : [],
  );
}
