import { isAny } from '../envoy/any.ts';
import type {
  IPMatcherIPRangeMatcher,
  XdsMatcher,
  XdsMatcherMatcherListPredicate,
  XdsMatcherMatcherTree,
  XdsMatcherOnMatch,
  XdsStringMatcher,
  XdsTypedExtensionConfig,
} from '../envoy/api.gen.ts';
import { textTest } from '../request-space/formula.ts';
import { own } from '../util/object.ts';
import type { ConnectionTraits } from './connection-traits.ts';
import { SERVER_NAME } from './recording/parts.ts';
import { addressScene, serverNameScene } from './recording/scenes.ts';
import { rangeFormula } from './recording/text-formulas.ts';
import { inRange, matchesString, rangeOfOne } from './strings.ts';

/**
 * The name of the filter chain that a listener's matcher gives for a connection; undefined where it gives none.
 * Envoy source/common/matcher and source/extensions/common/matcher/ip_range_matcher.h.
 */
export function chainByMatcher(matcher: XdsMatcher, traits: ConnectionTraits): string | undefined {
  const { matcherList, matcherTree, onNoMatch } = matcher;
  const found = matcherTree === undefined ? undefined : inTree(matcherTree, traits);
  if (found !== undefined) return found;
  for (const { predicate = {}, onMatch } of matcherList?.matchers ?? []) {
    const name = holds(predicate, traits) ? nameIn(onMatch, traits) : undefined;
    if (name !== undefined) return name;
  }
  return nameIn(onNoMatch, traits);
}

function nameIn(onMatch: XdsMatcherOnMatch | undefined, traits: ConnectionTraits): string | undefined {
  if (onMatch?.matcher !== undefined) return chainByMatcher(onMatch.matcher, traits);
  const action = onMatch?.action?.typedConfig;
  return isAny(action, 'type.googleapis.com/google.protobuf.StringValue') ? String(action.value) : undefined;
}

function inTree(
  { input, exactMatchMap, prefixMatchMap, customMatch }: XdsMatcherMatcherTree,
  traits: ConnectionTraits,
): string | undefined {
  const value = inputOf(input, traits);
  if (value === undefined) return undefined;
  if (exactMatchMap !== undefined) return nameIn(own(exactMatchMap.map, value), traits);
  if (prefixMatchMap !== undefined) {
    const [longest] = Object.keys(prefixMatchMap.map ?? {})
      .filter((prefix) => value.startsWith(prefix))
      .sort((a, b) => b.length - a.length);
    return longest === undefined ? undefined : nameIn(own(prefixMatchMap.map, longest), traits);
  }
  const custom = customMatch?.typedConfig;
  return isAny(custom, 'type.googleapis.com/xds.type.matcher.v3.IPMatcher')
    ? byRange(custom.rangeMatchers ?? [], value, traits)
    : undefined;
}

/** The longest range around an address that leads to a name; what is exclusive counts only where nothing longer fits. */
function byRange(matchers: readonly IPMatcherIPRangeMatcher[], ip: string, traits: ConnectionTraits): string | undefined {
  const fitting = matchers
    .flatMap((matcher) => (matcher.ranges ?? []).map((range) => ({ matcher, range })))
    .filter(({ range }) => inRange(range, ip))
    .sort((a, b) => (b.range.prefixLen ?? 0) - (a.range.prefixLen ?? 0));
  for (const [index, { matcher }] of fitting.entries()) {
    if (index > 0 && matcher.exclusive === true) continue;
    const name = nameIn(matcher.onMatch, traits);
    if (name !== undefined) return name;
  }
  return undefined;
}

function holds(predicate: XdsMatcherMatcherListPredicate, traits: ConnectionTraits): boolean {
  const { singlePredicate, orMatcher, andMatcher, notMatcher } = predicate;
  if (orMatcher !== undefined) return (orMatcher.predicate ?? []).some((one) => holds(one, traits));
  if (andMatcher !== undefined) return (andMatcher.predicate ?? []).every((one) => holds(one, traits));
  if (notMatcher !== undefined) return !holds(notMatcher, traits);
  const value = inputOf(singlePredicate?.input, traits);
  return value !== undefined && singlePredicate?.valueMatch !== undefined && fitsText(singlePredicate.valueMatch, value, traits);
}

function fitsText({ safeRegex, custom: _, ...others }: XdsStringMatcher, value: string, { compile }: ConnectionTraits): boolean {
  const matcher = { ...others, ...(safeRegex?.regex !== undefined && { safeRegex: { regex: safeRegex.regex } }) };
  return matchesString(matcher, value, compile);
}

/** The address of the client, of which all decides. */
function exactAddress({ source: { ip }, recorder }: ConnectionTraits): string {
  if (ip === recorder?.chosen.address) recorder.holds(rangeFormula('sourceAddress', rangeOfOne(ip)), true, addressScene(ip));
  return ip;
}

/** The server name, of which all decides. */
function exactServerName({ serverName, serverNameSource: given, recorder }: ConnectionTraits): string | undefined {
  const scene = serverNameScene(serverName, given, recorder);
  if (serverName !== '')
    recorder?.holds(textTest(SERVER_NAME, { kind: 'exact', text: serverName, ignoringCase: true }), true, scene);
  else recorder?.holds(textTest(SERVER_NAME, { kind: 'present' }), false, scene);
  return serverName === '' ? undefined : serverName;
}

const INPUTS = 'type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.';

/** What a matcher looks at, as a text; undefined where there is none of it. */
function inputOf(input: XdsTypedExtensionConfig | undefined, traits: ConnectionTraits): string | undefined {
  const config = input?.typedConfig;
  const { destination, source, transportProtocol, applicationProtocols } = traits;
  if (isAny(config, `${INPUTS}DestinationIPInput`)) return destination.ip === '' ? undefined : destination.ip;
  if (isAny(config, `${INPUTS}DestinationPortInput`)) return String(destination.port);
  if (isAny(config, `${INPUTS}SourceIPInput`) || isAny(config, `${INPUTS}DirectSourceIPInput`)) return exactAddress(traits);
  if (isAny(config, `${INPUTS}SourcePortInput`)) return String(source.port);
  if (isAny(config, `${INPUTS}ServerNameInput`)) return exactServerName(traits);
  if (isAny(config, `${INPUTS}TransportProtocolInput`)) return transportProtocol;
  if (isAny(config, `${INPUTS}ApplicationProtocolInput`)) {
    return applicationProtocols.length === 0 ? undefined : applicationProtocols.map((name) => `'${name}'`).join(',');
  }
  return isAny(config, `${INPUTS}FilterStateInput`) ? traits.filterState?.get(config.key ?? '') : undefined;
}
