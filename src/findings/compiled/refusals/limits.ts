import type { Limits, LimitTable, MessageLimits } from '../../../envoy/limits.ts';
import type { Descriptors, FieldDescriptor, MessageDescriptor } from '../../../util/descriptors.ts';
import { isObject, own } from '../../../util/object.ts';
import { type Complain, quoteShort } from './rule.ts';
import { type Trouble, troubleOfAbsent, troubleOfCount, troubleOfDuration, troubleOfText, troubleOfValue } from './troubles.ts';

/** Checks a message of one type against the limits of its schema. */
export type LimitCheck = (value: Readonly<Record<string, unknown>>, complain: Complain) => void;

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

/**
 * Makes the checks of the limits that protoc-gen-validate makes of the rules in Envoy's schema, and of all durations. Of messages without
 * any there is none.
 */
export function createLimitChecks(descriptors: Descriptors, table: LimitTable): (message: string) => LimitCheck | undefined {
  const troubleOfField = ({ field, limits }: Looked, value: unknown): Trouble | undefined => {
    if (limits?.disallowed) return { sense: 'is a field that Envoy does not take any more', fix: 'leave it out' };
    return field.type.kind === 'duration'
      ? troubleOfDuration(value, limits)
      : limits && troubleOfValue(descriptors, field, limits, value);
  };

  return (name) => {
    const descriptor = descriptors.message(name);
    if (descriptor === undefined) return undefined;
    const { present, absent, oneofs } = makePlan(descriptors, descriptor, table(name));
    if (present.size + absent.length + oneofs.length === 0) return undefined;
    return (value, complain) => {
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
  const keys = Array.isArray(value) ? undefined : Object.keys(isObject(value) ? value : {});
  const elements: readonly unknown[] = Array.isArray(value) ? value : Object.values(isObject(value) ? value : {});
  const keyAt = (index: number): string | number => keys?.[index] ?? index;
  tell(complain, [field.json], troubleOfCount(elements.length, limits));
  if (limits.items !== undefined || limits.keys !== undefined) {
    for (const [index, element] of elements.entries()) {
      const key = keyAt(index);
      const ofItem = limits.items && troubleOfValue(descriptors, field, limits.items, element);
      if (ofItem !== undefined) complain([field.json, key], ofItem.sense, ofItem.fix);
      const ofKey = limits.keys && troubleOfText(String(key), limits.keys);
      if (ofKey !== undefined) complain([field.json, key], ofKey.sense, ofKey.fix);
    }
  }
  if (!limits.unique) return;
  const seen = new Set<string>();
  const again = elements.findIndex((element) => seen.size === seen.add(JSON.stringify(element)).size);
  if (again !== -1) complain([field.json, again], `is ${quoteShort(elements[again])} a second time`, 'remove one of the two');
}
