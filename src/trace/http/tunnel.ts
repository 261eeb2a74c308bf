import type { HttpSetFilterStateConfig } from '../../envoy/api.gen.ts';
import { noteValues } from '../filter-state.ts';
import type { Answer, Payload } from '../run.ts';
import { chooseHost, openUpstream, securityOf, withoutName } from '../upstream.ts';
import { actionOf, type Exchange, formatOf, localReply, type Response } from './exchange.ts';
import { isConnect } from './upgrade.ts';

/** What a filter notes of a request for what comes after the proxy. */
export function noteState(exchange: Exchange, { onRequestHeaders = [] }: HttpSetFilterStateConfig): void {
  const { accepted, context, headers } = exchange;
  noteValues(onRequestHeaders, accepted.shares, formatOf(exchange), {
    name: 'set_filter_state',
    recorder: headers.recorder,
    step: context.hop.step,
  });
}

/** What goes through the tunnel that a request opens, where its route ends CONNECTs; undefined for other requests. */
export function endedTunnel(exchange: Exchange): Payload | undefined {
  const { tunnel, headers } = exchange;
  const isEnded = (actionOf(exchange)?.upgradeConfigs ?? []).some(({ connectConfig }) => connectConfig !== undefined);
  return isEnded && isConnect(headers) ? tunnel : undefined;
}

/** Ends a tunnel: what is in it goes on as a connection to the cluster of the route. */
export function passTunnel(exchange: Exchange, tunnel: Payload): Response | Extract<Answer, { kind: 'tunnel' }> {
  const { context, selection, accepted } = exchange;
  const { hop, run, snapshot } = context;
  const name = selection?.clusterName ?? '';
  const cluster = run.dataPlane.lookups.cluster(snapshot, name);
  if (cluster === undefined) {
    hop.step({ kind: 'cluster', name, event: 'missing', status: 503 }, selection?.route);
    return localReply(exchange, { status: 503, details: 'cluster_not_found', flags: ['NC'] });
  }
  const original = accepted.isRestored ? accepted.destination : undefined;
  const host = chooseHost(context, cluster, { original, name: withoutName, tried: [] });
  if (host === undefined) {
    hop.step({ kind: 'endpoint', name, event: 'none', of: 'connection' }, cluster);
    return localReply(exchange, { status: 503, body: 'no healthy upstream', details: 'no_healthy_upstream', flags: ['UH'] });
  }
  hop.step({ kind: 'tunnel', name, event: 'ends', target: exchange.headers.told(':authority') ?? '' }, cluster);
  const query = { authority: undefined, applicationProtocols: undefined, sourceIp: accepted.connection.source.ip };
  const security = securityOf(context, cluster, host, query);
  const answer = openUpstream(context, cluster, host, security, tunnel, accepted.connection);
  exchange.details = 'via_upstream';
  if (answer.kind !== 'refused') return { kind: 'tunnel', answer };
  hop.step({ kind: 'response', name, event: 'no connection', reason: answer.reason });
  return localReply(exchange, {
    status: 503,
    details: 'upstream_reset_before_response_started{remote_connection_failure}',
    flags: ['UF'],
  });
}
