import type { HTTPMatchRequest, HTTPRedirect, HTTPRoute, Server } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { redirectToItself } from '../../diagnostics/problems/routing.ts';
import { isTlsServer } from '../../model/gateways/gateways.ts';
import { anyHostsOverlap, isHostHeader } from '../../model/traffic/host.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { ruleListOf, sharesHost } from './support/gateway-servers.ts';
import { isWritten, subjectOfRule, type TrafficRule } from './support/traffic.ts';

/** Redirects that a client who follows them meets again: Envoy's redirect action changes no more of the URL than it says. */
export const redirects: Analyzer = {
  name: 'mesh.virtualservice.Redirects',
  about: 'Redirects at gateways to the very URL that was asked for, which never end',
  reads: ['VirtualService', 'HTTPRoute', 'Gateway', 'KubernetesGateway'],
  codes: [redirectToItself.code],
  run: (reader, report) => {
    const isRedirect = ({ rule, list }: TrafficRule): boolean => list === 'http' && redirectOf(rule) !== undefined;
    const { rules } = reader.traffic();
    if (!rules.some(isRedirect)) return;
    const gateways = new Map(reader.mesh().gateways.all.map((gateway) => [fullName(gateway), gateway]));
    const byGateway = groupBy(
      rules.flatMap((rule) => (rule.list === 'http' ? rule.gateways.map((gateway) => ({ rule, gateway })) : [])),
      ({ gateway }) => gateway,
    );
    const comesLater = memo((name: string) => createOrder((byGateway.get(name) ?? []).map((one) => one.rule)));
    const told = new Set<string>();
    for (const rule of rules.filter(isRedirect)) {
      for (const name of rule.gateways) {
        const gateway = name === MESH_GATEWAY ? undefined : gateways.get(name);
        if (gateway === undefined || comesLater(name)(rule)) continue;
        const server = (gateway.spec.servers ?? []).find((one) => leadsBack(gateway, one, rule));
        if (server === undefined) continue;
        const path = ['redirect'];
        const subject = subjectOfRule(rule, path);
        const field = formatField(subject.path ?? []);
        const key = `${fullName(rule.resource)} ${rule.resource.kind} ${field}`;
        if (told.has(key)) continue;
        told.add(key);
        report(redirectToItself(subject, field, placeOf(gateway, server), fixFor(rule)));
      }
    }
  },
};

function redirectOf(rule: TrafficRule['rule']): HTTPRedirect | undefined {
  return 'redirect' in rule ? rule.redirect : undefined;
}

/** Of the rules at one gateway, whether others may take requests before; of rules for the same hosts in another resource nobody need know. */
function createOrder(rules: readonly TrafficRule[]): (rule: TrafficRule) => boolean {
  const byVirtualService = groupBy(rules, ({ virtualService }) => virtualService);
  const placesIn = memo(({ spec }: TrafficRule['virtualService']) => {
    const places = (spec.http ?? []).map((rule, index): [TrafficRule['rule'], number] => [rule, index]);
    return new Map(places.toReversed());
  });
  const placeIn = ({ virtualService, rule }: TrafficRule): number => placesIn(virtualService).get(rule) ?? -1;
  const hasRival = memo((virtualService: TrafficRule['virtualService']) =>
    [...byVirtualService.keys()].some(
      (other) => other !== virtualService && anyHostsOverlap(other.spec.hosts, virtualService.spec.hosts),
    ),
  );
  // One of them may be the redirect itself.
  const firstTwo = memo((virtualService: TrafficRule['virtualService']) =>
    (byVirtualService.get(virtualService) ?? [])
      .filter(mayTakeAll)
      .sort((a, b) => placeIn(a) - placeIn(b))
      .slice(0, 2),
  );
  return (rule) =>
    hasRival(rule.virtualService) ||
    firstTwo(rule.virtualService).some((other) => other !== rule && placeIn(other) <= placeIn(rule));
}

/** Whether a rule may take all requests of one scheme. */
function mayTakeAll({ rule }: TrafficRule): boolean {
  const { match = [] }: Pick<HTTPRoute, 'match'> = rule;
  return match.length === 0 || match.some(tellsSchemes);
}

/** Whether a match tells requests over TLS from others. */
function tellsSchemes({ port, scheme, headers = {}, withoutHeaders = {} }: HTTPMatchRequest): boolean {
  return port !== undefined || scheme !== undefined || [...Object.keys(headers), ...Object.keys(withoutHeaders)].some(isOfScheme);
}

function isOfScheme(header: string): boolean {
  return /^(x-forwarded-(proto|port)|:scheme)$/i.test(header);
}

/** Whether a request that comes by a server is sent to where it came. */
function leadsBack(gateway: ResourceOf<'Gateway'>, server: Server, rule: TrafficRule): boolean {
  const { uri, prefixRewrite, authority, scheme, port, derivePort } = redirectOf(rule.rule) ?? {};
  if (uri !== undefined || prefixRewrite !== undefined || ruleListOf(server) !== 'http') return false;
  const isTls = isTlsServer(server);
  // The server itself redirects all.
  if (server.tls?.httpsRedirect === true || !sharesHost(gateway, server, rule.virtualService)) return false;
  const { hosts = [] } = rule.virtualService.spec;
  if (authority !== undefined && !(hosts.length === 1 && hosts[0] === authority)) return false;
  if (scheme === undefined ? authority === undefined : scheme !== (isTls ? 'https' : 'http')) return false;
  if (port !== undefined && port !== 0 && port !== server.port?.number) return false;
  if (derivePort === 'FROM_PROTOCOL_DEFAULT' && server.port?.number !== (isTls ? 443 : 80)) return false;
  const { match = [] }: Pick<HTTPRoute, 'match'> = rule.rule;
  return match.length === 0 || match.some((one) => !tellsSchemes(one) && !hasOtherHost(one, hosts));
}

/** A match of the authority may leave out where the redirect leads. */
function hasOtherHost({ authority, headers = {} }: HTTPMatchRequest, hosts: readonly string[]): boolean {
  const isHost = Object.keys(headers).some(isHostHeader);
  return isHost || (authority !== undefined && !(authority.exact !== undefined && hosts.includes(authority.exact)));
}

function placeOf(gateway: ResourceOf<'Gateway'>, { port }: Server): string {
  const name = isWritten(gateway) ? `Gateway ${fullName(gateway)}` : 'the Gateway';
  return `${port?.protocol ?? ''} port ${port?.number ?? 0} of ${name}`;
}

function fixFor({ virtualService, rule }: TrafficRule): string {
  if (redirectOf(rule)?.scheme === undefined) return 'redirect to another host or path';
  return isWritten(virtualService)
    ? 'give the redirect a match with the port of plain HTTP, or leave it to the server of the Gateway (tls.httpsRedirect)'
    : 'bind the route with the redirect to the listener of plain HTTP alone (sectionName), and one with backends to the other';
}
