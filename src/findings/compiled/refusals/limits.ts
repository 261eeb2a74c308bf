import type { Limits, LimitTable, MessageLimits } from '../../../envoy/limits.ts';
import type { Descriptors, FieldDescriptor, MessageDescriptor } from '../../../util/descriptors.ts';
import { memo } from '../../../util/memo.ts';
import { isObject, own } from '../../../util/object.ts';
import { type Complain, quoteShort } from './rule.ts';
import { type Trouble, troubleOfAbsent, troubleOfCount, troubleOfDuration, troubleOfText, troubleOfValue } from './troubles.ts';

/** Checks one message against the limits of its schema. */
export type LimitCheck = (message: string, value: Readonly<Record<string, unknown>>, complain: Complain) => void;

/** A field whose value is looked at. */
interface Looked {
  readonly field: FieldDescriptor;
  readonly limits: Limits | undefined;
}

/** Of a message: what to look at where it is set, and what is wrong where it is not. */
interface Plan {
  /** By JSON name. */
  readonly present: ReadonlyMap<string, Looked>;
  readonly absent: readonly { readonly json: string; readonly trouble: Trouble }[];
  /** JSON names of fields of which one must be set. */
  readonly oneofs: readonly (readonly string[])[];
}

const nothing: Plan = { present: new Map(), absent: [], oneofs: [] };

/** A check of the limits that protoc-gen-validate makes of the rules in Envoy's schema, and of all durations. */
export function createLimitCheck(descriptors: Descriptors, table: LimitTable): LimitCheck {
  const planOf = memo((name: string): Plan => {
    const descriptor = descriptors.message(name);
    return descriptor === undefined ? nothing : makePlan(descriptors, descriptor, table(name));
  });

  const troubleOfField = ({ field, limits }: Looked, value: unknown): Trouble | undefined => {
    if (limits?.disallowed) return { sense: 'is a field that Envoy does not take any more', fix: 'leave it out' };
    return field.type.kind === 'duration'
      ? troubleOfDuration(value, limits)
      : limits && troubleOfValue(descriptors, field, limits, value);
  };

  return (name, value, complain) => {
    const { present, absent, oneofs } = planOf(name);
    if (present.size > 0) {
      for (const key in value) {
        const looked = present.get(key);
        if (looked === undefined) continue;
        const given = own(value, key);
        if (looked.field.cardinality === 'one') tell(complain, [key], troubleOfField(looked, given));
        else if (looked.limits !== undefined) checkMany(descriptors, looked.field, looked.limits, given, complain);
      }
    }
    for (const { json, trouble } of absent) {
      if (own(value, json) === undefined) tell(complain, [json], trouble);
    }
    for (const members of oneofs) {
      if (members.every((member) => own(value, member) === undefined)) {
        complain(members.length === 1 ? members : [], `has none of ${members.join(', ')}`, 'write one of them');
      }
    }
  };
}

function makePlan(
  descriptors: Descriptors,
  { fields, field: fieldOf }: MessageDescriptor,
  limits: MessageLimits | undefined,
): Plan {
  const looked = fields.map((field) => ({ field, limits: limits?.fields.get(field.name) }));
  return {
    present: new Map(
      looked
        .filter((each) => each.limits !== undefined || each.field.type.kind === 'duration')
        .map((each) => [each.field.json, each]),
    ),
    absent: looked.flatMap((each) => {
      const isMember = each.field.oneof !== undefined;
      const trouble = each.limits && !isMember ? troubleOfAbsent(descriptors, each.field, each.limits) : undefined;
      return trouble === undefined ? [] : [{ json: each.field.json, trouble }];
    }),
    oneofs: (limits?.oneofs ?? []).map((members) => members.map((name) => fieldOf(name)?.json ?? name)),
  };
}

function tell(complain: Complain, path: readonly (string | number)[], trouble: Trouble | undefined): void {
  if (trouble !== undefined) complain(path, trouble.sense, trouble.fix);
}

function checkMany(descriptors: Descriptors, field: FieldDescriptor, limits: Limits, value: unknown, complain: Complain): void {
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(isObject(value) ? value : {});
  tell(complain, [field.json], troubleOfCount(entries.length, limits));
  for (const [key, element] of entries) {
    if (limits.items !== undefined) {
      tell(complain, [field.json, key], troubleOfValue(descriptors, field, limits.items, element));
    }
    if (limits.keys !== undefined) tell(complain, [field.json, key], troubleOfText(String(key), limits.keys));
  }
  if (!limits.unique) return;
  const texts = entries.map(([, element]) => JSON.stringify(element));
  const again = texts.findIndex((text, index) => texts.indexOf(text) !== index);
  if (again !== -1) complain([field.json, again], `is ${quoteShort(entries[again]?.[1])} a second time`, 'remove one of the two');
}
