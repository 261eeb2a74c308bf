import type { HTTPMatchRequest, HTTPRoute, StringMatch, VirtualService } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { append } from '../util/collections.ts';
import { isObject } from '../util/object.ts';
import { type Finding, type Findings, quote, warning } from './finding.ts';

/**
 * Rules and matches that no request reaches because of rules before them: istio pkg/config/validation/validation.go
 * analyzeUnreachableHTTPRules and its likes for TCP and TLS.
 */
export function* checkReachability({ http = [], tcp = [], tls = [] }: VirtualService): Findings {
  yield* checkRules(['spec', 'http'], http);
  if (countMatches(http) > 1) yield* checkPrefixes(http);
  yield* checkRules(['spec', 'tcp'], tcp);
  yield* checkRules(['spec', 'tls'], tls);
}

/** Rules and matches of TCP and TLS have no names. */
interface Named {
  readonly name?: string | undefined;
}

interface Rule extends Named {
  readonly match?: readonly object[];
}

/** What Istio calls a rule or match: its name, else its place. */
function labelOf({ name = '' }: Named, index: number): string {
  return name === '' ? `#${index}` : quote(name);
}

function countMatches(rules: readonly Rule[]): number {
  return rules.reduce((sum, { match = [] }) => sum + match.length, 0);
}

function* checkRules(path: Path, rules: readonly Rule[]): Findings {
  // Nothing hides one rule, with one match.
  if (rules.length < 2 && countMatches(rules) < 2) return;
  const firstRuleOf = new Map<string, number>();
  let hasCatchAll = false;
  for (const [index, rule] of rules.entries()) {
    const label = labelOf(rule, index);
    const matches = rule.match ?? [];
    const at = [...path, index];
    if (matches.length === 0) {
      if (hasCatchAll) yield unused(at, label, 'only the last rule can have no matches');
      hasCatchAll = true;
      continue;
    }
    let duplicates = 0;
    for (const [ordinal, match] of matches.entries()) {
      if (hasCatchAll) {
        yield unused([...at, 'match', ordinal], label, 'route without matches defined before');
        continue;
      }
      const { name, ...condition }: Named = match;
      const key = canonicalText(condition);
      const first = firstRuleOf.get(key);
      if (first === undefined) {
        firstRuleOf.set(key, index);
        continue;
      }
      duplicates++;
      const [matchLabel, firstLabel] = [labelOf({ name }, ordinal), labelOf(rules[first] ?? {}, first)];
      yield ineffective([...at, 'match', ordinal], label, matchLabel, firstLabel);
    }
    if (duplicates === matches.length) yield unused(at, label, 'all matches used by prior rules');
  }
}

function unused(path: Path, rule: string, reason: string): Finding {
  const message = `virtualService rule ${rule} not used (${reason})`;
  return { ...warning(path, message), reportedAs: { code: 'IST0130', parameters: [rule, reason] } };
}

function ineffective(path: Path, rule: string, match: string, other: string): Finding {
  const message = `virtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${other})`;
  return { ...warning(path, message), reportedAs: { code: 'IST0131', parameters: [rule, match, other] } };
}

/** One text for all values that are equal. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}

/** A match by path prefix, for the comparison with others. */
interface PrefixMatch {
  readonly path: Path;
  readonly rule: string;
  readonly match: string;
  readonly prefix: string;
  readonly port: number;
  readonly method: string;
  readonly authority: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly queryParams: ReadonlyMap<string, string>;
  readonly withoutHeaders: ReadonlyMap<string, string>;
}

/** Matches of a prefix that an earlier match of a shorter prefix covers. */
function* checkPrefixes(rules: readonly HTTPRoute[]): Findings {
  const matches = prefixMatches(rules);
  const byPrefix = new Map<string, number[]>();
  for (const [index, { prefix }] of matches.entries()) append(byPrefix, prefix, index);
  const lengths = [...new Set([...byPrefix.keys()].map(({ length }) => length))];
  // Those with a longer prefix, by the place of those with the shorter one: there may be thousands.
  const longer = new Map<PrefixMatch, PrefixMatch[]>();
  for (const [index, later] of matches.entries()) {
    for (const length of lengths.filter((one) => one < later.prefix.length)) {
      for (const place of byPrefix.get(later.prefix.slice(0, length)) ?? []) {
        const earlier = matches[place];
        if (place < index && earlier !== undefined && covers(earlier, later)) append(longer, earlier, later);
      }
    }
  }
  for (const earlier of matches) {
    for (const later of longer.get(earlier) ?? []) {
      const [name, other] = [`${later.match} of prefix ${later.prefix}`, `${earlier.match} of prefix ${earlier.prefix}`];
      yield ineffective(later.path, later.rule, name, `${other} on ${earlier.rule}`);
    }
  }
}

/** What Istio compares: of the repeated matches the first only, and nothing after a rule without matches. */
function prefixMatches(rules: readonly HTTPRoute[]): readonly PrefixMatch[] {
  const seen = new Set<string>();
  const found: PrefixMatch[] = [];
  for (const [index, rule] of rules.entries()) {
    const matches = rule.match ?? [];
    if (matches.length === 0) break;
    for (const [ordinal, match] of matches.entries()) {
      const prefix = match.uri?.prefix ?? '';
      if (prefix === '') continue;
      const { name: _, ...condition } = match;
      const key = canonicalText(condition);
      if (seen.has(key)) continue;
      seen.add(key);
      found.push({
        path: ['spec', 'http', index, 'match', ordinal],
        rule: labelOf(rule, index),
        match: labelOf(match, ordinal),
        prefix,
        ...comparedParts(match),
      });
    }
  }
  return found;
}

function comparedParts(match: HTTPMatchRequest): Omit<PrefixMatch, 'path' | 'rule' | 'match' | 'prefix'> {
  return {
    port: match.port ?? 0,
    method: matchText(match.method) || 'exact:GET',
    authority: matchText(match.authority),
    headers: matchTexts(match.headers),
    queryParams: matchTexts(match.queryParams),
    withoutHeaders: matchTexts(match.withoutHeaders),
  };
}

/** Regular expressions are not compared; they count as matches of nothing in particular. */
function matchText(match: StringMatch | undefined): string {
  if ((match?.exact ?? '') !== '') return `exact:${match?.exact}`;
  return (match?.prefix ?? '') === '' ? '' : `prefix:${match?.prefix}`;
}

function matchTexts(matches: Readonly<Record<string, StringMatch>> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(matches ?? {}).map(([name, match]) => [name, matchText(match)]));
}

/** Whether Istio takes every request of the later match for one of the earlier; istio coveredValidation. */
function covers(earlier: PrefixMatch, later: PrefixMatch): boolean {
  return (
    later.prefix.startsWith(earlier.prefix) &&
    later.port === earlier.port &&
    earlier.method.startsWith(later.method) &&
    earlier.authority.startsWith(later.authority) &&
    coversAll(earlier.headers, later.headers) &&
    coversAll(earlier.queryParams, later.queryParams) &&
    coversAll(earlier.withoutHeaders, later.withoutHeaders)
  );
}

function coversAll(earlier: ReadonlyMap<string, string>, later: ReadonlyMap<string, string>): boolean {
  if (earlier.size !== later.size) return false;
  return [...earlier].every(([name, text]) => {
    const other = later.get(name);
    return other !== undefined && text.startsWith(other);
  });
}
