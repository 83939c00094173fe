import { Button, Group, Menu, NumberInput, Paper, Select, Stack, TagsInput, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { departmentsQuery } from "@/api/departments";
import { useMay } from "@/api/session";
import { PERIODS } from "../budgets/words";
import { webhooksQuery } from "./queries";
import { ACTIONS, type Action, newAction, newTrigger, TRIGGERS, type Trigger } from "./words";

const SEVERITIES = ["info", "warning", "critical"] as const;

export function TriggerFields({
  trigger,
  onChange,
}: {
  trigger: Trigger;
  onChange: (trigger: Trigger) => void;
}) {
  return (
    <Stack gap="sm">
      <Select
        label="Fires when"
        allowDeselect={false}
        value={trigger.type}
        onChange={(type) => type && onChange(newTrigger(type as Trigger["type"]))}
        data={Object.entries(TRIGGERS).map(([value, label]) => ({ value, label }))}
      />
      {trigger.type === "token_budget_exceeded" && (
        <Whole
          label="Percentage of the budget"
          value={trigger.percent ?? 100}
          min={1}
          max={1000}
          onChange={(percent) => onChange({ ...trigger, percent })}
        />
      )}
      {trigger.type === "department_threshold" && <Threshold trigger={trigger} onChange={onChange} />}
      {trigger.type === "unusual_usage" && (
        <Group grow align="flex-start">
          <Whole
            label="Times the usual"
            value={trigger.times ?? 5}
            min={2}
            max={100}
            onChange={(times) => onChange({ ...trigger, times })}
          />
          <Whole
            label="And at least so many tokens in the hour"
            value={trigger.least_tokens ?? 20_000}
            min={0}
            onChange={(least_tokens) => onChange({ ...trigger, least_tokens })}
          />
        </Group>
      )}
    </Stack>
  );
}

type ThresholdTrigger = Extract<Trigger, { type: "department_threshold" }>;

function Threshold({
  trigger,
  onChange,
}: {
  trigger: ThresholdTrigger;
  onChange: (trigger: Trigger) => void;
}) {
  const { data = [] } = useQuery(departmentsQuery);
  return (
    <Group grow align="flex-start">
      <Whole
        label="Tokens"
        value={trigger.limit_tokens ?? 0}
        min={1}
        onChange={(limit_tokens) => onChange({ ...trigger, limit_tokens, limit_micros: null })}
      />
      <Select
        label="In a period"
        allowDeselect={false}
        value={trigger.period ?? "monthly"}
        onChange={(period) => onChange({ ...trigger, period: PERIODS.find((one) => one === period) })}
        data={[...PERIODS]}
      />
      <Select
        label="Department"
        description="Each by itself when left out"
        clearable
        searchable
        value={trigger.department_id ?? null}
        onChange={(department_id) => onChange({ ...trigger, department_id })}
        data={data.map(({ id, name }) => ({ value: id, label: name }))}
      />
    </Group>
  );
}

type WholeProps = {
  label: string;
  value: number;
  min: number;
  max?: number;
  onChange: (value: number) => void;
};

function Whole({ onChange, ...rest }: WholeProps) {
  return (
    <NumberInput
      {...rest}
      allowDecimal={false}
      thousandSeparator=","
      onChange={(value) => onChange(Number(value) || rest.min)}
    />
  );
}

export function ActionFields({
  actions,
  onChange,
}: {
  actions: readonly Action[];
  onChange: (actions: Action[]) => void;
}) {
  const { data: webhooks = [] } = useQuery({ ...webhooksQuery, enabled: useMay("webhooks:read") });
  const put = (at: number, action: Action | null) =>
    onChange(actions.flatMap((one, number) => (number !== at ? [one] : action === null ? [] : [action])));
  const left = (Object.keys(ACTIONS) as Action["type"][]).filter(
    (type) => type === "webhook" || !actions.some((one) => one.type === type),
  );
  return (
    <Stack gap="xs">
      {actions.map((action, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: actions have no id
        <Paper key={at} withBorder p="sm">
          <Group justify="space-between" align="flex-start">
            <Text fw={500}>{ACTIONS[action.type]}</Text>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              onClick={() => put(at, null)}
              aria-label={`Remove: ${ACTIONS[action.type]}`}
            >
              Remove
            </Button>
          </Group>
          {action.type === "block" && (
            <Group grow align="flex-start">
              <NumberInput
                label="For how many hours"
                description="Until the window ends when left out"
                min={1}
                max={8760}
                allowDecimal={false}
                value={action.hours ?? ""}
                onChange={(hours) => put(at, { ...action, hours: Number(hours) || null })}
              />
              <TagsInput
                label="For which models"
                description="All when left out; * stands for any characters"
                value={action.models ?? []}
                onChange={(models) => put(at, { ...action, models })}
              />
            </Group>
          )}
          {action.type === "create_incident" && (
            <Select
              label="Severity of the incident"
              allowDeselect={false}
              value={action.severity ?? "warning"}
              data={[...SEVERITIES]}
              onChange={(severity) =>
                put(at, { ...action, severity: SEVERITIES.find((one) => one === severity) ?? "warning" })
              }
            />
          )}
          {action.type === "webhook" && (
            <Select
              label="Webhook"
              allowDeselect={false}
              value={action.webhook_id}
              data={webhooks.map(({ id, name }) => ({ value: id, label: name }))}
              onChange={(webhook_id) => webhook_id && put(at, { ...action, webhook_id })}
            />
          )}
        </Paper>
      ))}
      <Menu>
        <Menu.Target>
          <Button variant="default" size="compact-sm" style={{ alignSelf: "flex-start" }}>
            Add an action
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {left.map((type) => (
            <Menu.Item
              key={type}
              disabled={type === "webhook" && webhooks.length === 0}
              onClick={() => onChange([...actions, newAction(type, webhooks[0]?.id)])}
            >
              {ACTIONS[type]}
              {type === "webhook" && webhooks.length === 0 && " (there is none yet)"}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Stack>
  );
}
