import type { TextTest } from '../../request-space/formula.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { Delivery, Outcome, TraceRequest } from '../../trace/outcome.ts';
import { passesText } from '../../trace/recording/passes-text.ts';
import { isOfWorkload } from './alike.ts';
import { arrivalsOf, type ServerArrival } from './arrivals.ts';
import type { RequestEntrance } from './entrances.ts';
import type { Excuse, Receiver, Sender, Statement, TokenDemand } from './statement.ts';
import { carriesToken } from './tokens.ts';

/** One way of a request that breaks a statement. */
export interface Violation {
  readonly outcome: Outcome;
  readonly arrival: ServerArrival;
}

/** Hears of what a statement asks of a request, beside where it goes. */
export interface Witnessing {
  /** Whether the path or method that a server gets passes a test. */
  text(delivery: Delivery, part: 'path' | 'method', test: TextTest, is: boolean): void;
  /** Whether the request carries a token. */
  token(demand: TokenDemand, is: boolean): void;
}

/** The first way of a request that breaks a statement; undefined where it keeps it. */
export function violationOf(
  statement: Statement,
  kind: RequestEntrance['kind'],
  request: TraceRequest,
  outcomes: readonly Outcome[],
  dataPlane: DataPlane,
  witnessing?: Witnessing,
): Violation | undefined {
  const isClientTls = request.scheme === 'https' || request.scheme === 'tls';
  for (const outcome of outcomes.flatMap(withCopies)) {
    for (const arrival of arrivalsOf(outcome, isClientTls, dataPlane)) {
      if (breaks(statement, { kind, request, outcome, arrival, dataPlane, witnessing })) return { outcome, arrival };
    }
  }
  return undefined;
}

/** A way of a request, and those of its copies. */
function withCopies({ copies = [], ...outcome }: Outcome): readonly Outcome[] {
  const { deliveries } = outcome;
  const own = deliveries.filter(({ isMirror }) => !isMirror);
  return [{ ...outcome, deliveries: own }, ...copies.map((copy) => ({ ...outcome, ...copy }))];
}

/** A request with one place where it arrives. */
interface Arrived extends Violation {
  readonly kind: RequestEntrance['kind'];
  readonly request: TraceRequest;
  readonly dataPlane: DataPlane;
  readonly witnessing: Witnessing | undefined;
}

function breaks({ from, isAboutOthers, to, unless }: Statement, arrived: Arrived): boolean {
  if (isToItself(arrived)) return false;
  const isSent = from.some((sender) => isSentBy(sender, arrived));
  if (isSent === isAboutOthers) return false;
  if (!to.some((receiver) => isGotBy(receiver, arrived))) return false;
  return !unless.some((excuse) => isExcused(excuse, arrived));
}

/** Whether a workload calls itself, which is nobody's business. */
function isToItself({ request, arrival, dataPlane }: Arrived): boolean {
  const client = podNamed(dataPlane, request.from);
  if (client === undefined) return false;
  return arrival.servers.every((key) => {
    const server = podNamed(dataPlane, key);
    return server !== undefined && isOfWorkload(server, client);
  });
}

function isSentBy(sender: Sender, { kind, request, outcome, arrival, dataPlane }: Arrived): boolean {
  const client = podNamed(dataPlane, request.from);
  const gateways = outcome.hops.filter(({ side, place }) => side === 'gateway' && !arrival.servers.includes(place));
  if (sender.isOutside && kind !== 'outside') return false;
  const through = [...(client === undefined ? [] : [request.from]), ...gateways.map(({ place }) => place)];
  if (sender.pods !== undefined && !through.some((key) => sender.pods?.has(key))) return false;
  if (through.some((key) => sender.notPods.has(key))) return false;
  if (sender.isPlainText && arrival.security !== 'plain text') return false;
  if (!sender.entersInPlainText) return true;
  return gateways.some(({ place, steps }) => sender.pods?.has(place) !== false && !steps.some(isTls));
}

/** Whether a gateway takes a certificate. Who shows it has decided that at the gateway, so that it is the same for all of a class. */
function takesCertificate({ side, steps }: Outcome['hops'][number]): boolean {
  return side === 'gateway' && steps.some((step) => step.kind === 'tls' && step.event === 'established' && step.isMutual);
}

function isTls(step: Outcome['hops'][number]['steps'][number]): boolean {
  return (step.kind === 'tls' && step.event === 'established') || (step.kind === 'listener filter' && step.event === 'finds TLS');
}

function isGotBy({ servers, notPorts, paths, notPaths, methods, notMethods }: Receiver, arrived: Arrived): boolean {
  const { arrival } = arrived;
  if (servers !== undefined) {
    const { port } = arrival;
    const isThere = arrival.servers.some((server) => servers.has(server) && servers.get(server)?.has(port) !== false);
    if (!isThere) return false;
  }
  if (notPorts.includes(arrival.port)) return false;
  return isAmong('path', paths, notPaths, arrived) && isAmong('method', methods, notMethods, arrived);
}

/** Whether a part of a request is wanted. One that is not known may be any. */
function isAmong(
  part: 'path' | 'method',
  wanted: readonly TextTest[] | undefined,
  others: readonly TextTest[],
  { arrival, witnessing, dataPlane }: Arrived,
): boolean {
  const { [part]: text, delivery } = arrival;
  if (text === undefined || delivery === undefined) return true;
  const passes = (test: TextTest): boolean => {
    const is = passesText(test, text, dataPlane.lookups.compile);
    witnessing?.text(delivery, part, test, is);
    return is;
  };
  return wanted?.some(passes) !== false && !others.some(passes);
}

function isExcused(
  { token, isMutualTls, hasClientCertificate, principals }: Excuse,
  { request, outcome, arrival, witnessing, dataPlane }: Arrived,
): boolean {
  const { compile } = dataPlane.lookups;
  if (isMutualTls && arrival.security !== 'mutual TLS') return false;
  if (hasClientCertificate && !outcome.hops.some(takesCertificate)) return false;
  if (principals !== undefined) {
    const isKnown = arrival.security === 'mutual TLS';
    if (!isKnown || !arrival.identities.some((name) => principals.some((test) => passesText(test, name, compile)))) return false;
  }
  if (token === undefined) return true;
  const is = carriesToken(request, token, compile);
  witnessing?.token(token, is);
  return is;
}
