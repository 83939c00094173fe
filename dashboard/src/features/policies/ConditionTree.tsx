import {
  ActionIcon,
  Button,
  Chip,
  Group,
  NumberInput,
  Paper,
  Pill,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { departmentsQuery } from "@/api/departments";
import { Named } from "@/ui/Named";
import { PersonSelect } from "@/ui/PersonSelect";
import {
  type Condition,
  type Group as Conditions,
  type Leaf,
  MATCHES,
  type Match,
  newLeaf,
  OPERATORS,
  operatorsOf,
  valuesOf,
  withOperator,
  withValues,
} from "./words";

const DEEPEST = 4;
const LEVELS = ["low", "medium", "high", "critical"];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

type GroupProps = {
  group: Conditions;
  matches: Match[];
  onChange: (group: Conditions) => void;
  onRemove?: () => void;
  depth?: number;
};

/** A group of conditions: all of them must hold, or any. */
export function ConditionGroup({ group, matches, onChange, onRemove, depth = 1 }: GroupProps) {
  const put = (at: number, condition: Condition | null) =>
    onChange({
      ...group,
      conditions: group.conditions.flatMap((one, number) =>
        number !== at ? [one] : condition === null ? [] : [condition],
      ),
    });
  const add = (condition: Condition) => onChange({ ...group, conditions: [...group.conditions, condition] });
  return (
    <Paper
      withBorder
      p="sm"
      role="group"
      aria-label={group.match === "all" ? "All of these" : "Any of these"}
    >
      <Stack gap="sm">
        <Group justify="space-between">
          <SegmentedControl
            size="xs"
            aria-label="How the conditions are combined"
            value={group.match}
            onChange={(match) => onChange({ ...group, match: match as "all" | "any" })}
            data={[
              { value: "all", label: "All of these" },
              { value: "any", label: "Any of these" },
            ]}
          />
          {onRemove && <Remove what="this group" onClick={onRemove} />}
        </Group>
        {group.conditions.length === 0 && (
          <Text size="sm" c="dimmed">
            {group.match === "all" ? "No condition: every event counts." : "Add a condition."}
          </Text>
        )}
        {group.conditions.map((condition, at) =>
          condition.match === "all" || condition.match === "any" ? (
            <ConditionGroup
              // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no id, and are not sorted
              key={at}
              group={condition}
              matches={matches}
              depth={depth + 1}
              onChange={(changed) => put(at, changed)}
              onRemove={() => put(at, null)}
            />
          ) : (
            <ConditionRow
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={at}
              leaf={condition}
              matches={matches}
              onChange={(changed) => put(at, changed)}
              onRemove={() => put(at, null)}
            />
          ),
        )}
        <Group gap="xs">
          <Button size="compact-sm" variant="default" onClick={() => add(newLeaf(matches[0] as Match))}>
            Add a condition
          </Button>
          {depth < DEEPEST && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => add({ match: group.match === "all" ? "any" : "all", conditions: [] })}
            >
              Add a group
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

type RowProps = {
  leaf: Leaf;
  matches: Match[];
  onChange: (leaf: Leaf) => void;
  onRemove: () => void;
};

function ConditionRow({ leaf, matches, onChange, onRemove }: RowProps) {
  return (
    <Group gap="xs" align="flex-start" wrap="wrap">
      <Select
        size="xs"
        w={170}
        aria-label="What is looked at"
        allowDeselect={false}
        value={leaf.match}
        onChange={(match) => match && onChange(newLeaf(match as Match))}
        data={matches.map((value) => ({ value, label: MATCHES[value] }))}
      />
      <Select
        size="xs"
        w={130}
        aria-label="How it is compared"
        allowDeselect={false}
        value={leaf.operator}
        onChange={(operator) => operator && onChange(withOperator(leaf, operator))}
        data={operatorsOf(leaf.match).map((value) => ({ value, label: OPERATORS[value] ?? value }))}
      />
      <div style={{ flex: "1 1 240px", minWidth: 0 }}>
        <Value leaf={leaf} onChange={onChange} />
      </div>
      <Remove what="this condition" onClick={onRemove} />
    </Group>
  );
}

function Value({ leaf, onChange }: { leaf: Leaf; onChange: (leaf: Leaf) => void }) {
  switch (leaf.match) {
    case "token_count":
      return <Tokens leaf={leaf} onChange={onChange} />;
    case "time_of_day":
      return <Times leaf={leaf} onChange={onChange} />;
    case "user_id":
    case "department_id":
      return <Ids leaf={leaf} onChange={onChange} />;
    default:
      return (
        <TagsInput
          size="xs"
          aria-label="Values"
          placeholder={leaf.match === "model" ? "gpt-4*, Enter" : "Enter after each"}
          data={leaf.match === "risk_level" ? LEVELS : []}
          maxTags={leaf.operator === "in" || leaf.operator === "not_in" ? 100 : 1}
          value={valuesOf(leaf.value)}
          onChange={(values) => onChange(withValues(leaf, values))}
        />
      );
  }
}

type Of<M extends Match> = { leaf: Extract<Leaf, { match: M }>; onChange: (leaf: Leaf) => void };

function Tokens({ leaf, onChange }: Of<"token_count">) {
  const values = Array.isArray(leaf.value) ? leaf.value : [leaf.value];
  const put = (at: number, value: string | number) => {
    const changed = values.map((one, number) => (number === at ? Number(value) || 0 : one));
    onChange({ ...leaf, value: leaf.operator === "between" ? changed : (changed[0] ?? 0) });
  };
  return (
    <Group gap="xs">
      {values.map((value, at) => (
        <NumberInput
          // biome-ignore lint/suspicious/noArrayIndexKey: the first and the last of a range
          key={at}
          size="xs"
          w={140}
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          aria-label={at === 0 ? "Tokens" : "to, in tokens"}
          value={value}
          onChange={(changed) => put(at, changed)}
        />
      ))}
    </Group>
  );
}

function Times({ leaf, onChange }: Of<"time_of_day">) {
  const put = (changes: Partial<typeof leaf.value>) =>
    onChange({ ...leaf, value: { ...leaf.value, ...changes } });
  return (
    <Group gap="xs">
      <TextInput
        size="xs"
        w={80}
        aria-label="From"
        value={leaf.value.start}
        onChange={({ target }) => put({ start: target.value })}
      />
      <TextInput
        size="xs"
        w={80}
        aria-label="To"
        value={leaf.value.end}
        onChange={({ target }) => put({ end: target.value })}
      />
      <Chip.Group
        multiple
        value={leaf.weekdays ?? [...DAYS]}
        onChange={(days) =>
          days.length > 0 && onChange({ ...leaf, weekdays: DAYS.filter((day) => days.includes(day)) })
        }
      >
        {DAYS.map((day) => (
          <Chip key={day} size="xs" value={day}>
            {day}
          </Chip>
        ))}
      </Chip.Group>
    </Group>
  );
}

function Ids({ leaf, onChange }: Of<"user_id" | "department_id">) {
  const values = valuesOf(leaf.value);
  const add = (id: string | null) =>
    id && onChange(withValues(leaf, leaf.operator === "equals" ? [id] : [...new Set([...values, id])]));
  return (
    <Stack gap={4}>
      {leaf.match === "user_id" ? (
        <PersonSelect size="xs" aria-label="Add a person" value={null} onChange={add} />
      ) : (
        <DepartmentSelect onChange={add} />
      )}
      <Group gap={4}>
        {values.map((id) => (
          <Pill
            key={id}
            withRemoveButton
            removeButtonProps={{ "aria-label": "Remove" }}
            onRemove={() =>
              onChange(
                withValues(
                  leaf,
                  values.filter((one) => one !== id),
                ),
              )
            }
          >
            <Named kind={leaf.match === "user_id" ? "user" : "department"} id={id} />
          </Pill>
        ))}
      </Group>
      {leaf.match === "department_id" && (
        <Switch
          size="xs"
          label="with the departments below"
          checked={leaf.below ?? true}
          onChange={({ target }) => onChange({ ...leaf, below: target.checked })}
        />
      )}
    </Stack>
  );
}

function DepartmentSelect({ onChange }: { onChange: (id: string | null) => void }) {
  const { data = [] } = useQuery(departmentsQuery);
  return (
    <Select
      size="xs"
      aria-label="Add a department"
      placeholder="Department"
      searchable
      value={null}
      onChange={onChange}
      data={data.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}

function Remove({ what, onClick }: { what: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${what}`} onClick={onClick}>
      <IconX size={16} />
    </ActionIcon>
  );
}
