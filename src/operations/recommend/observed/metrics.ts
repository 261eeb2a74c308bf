import { groupBy } from '../../../util/collections.ts';
import { fieldsOf, isObject, listOf, own, scalarOf } from '../../../util/object.ts';
import { mergeObservations, type ObservedCall, type ObservedClient } from './observation.ts';

/** The metrics that count calls; of the others none names both ends of more calls. */
const CALLS: ReadonlySet<string> = new Set(['istio_requests_total', 'istio_tcp_connections_opened_total']);

type LabelValues = Readonly<Record<string, string>>;

/** A sample of a metric. */
interface Sample {
  readonly name: string;
  readonly labels: LabelValues;
  readonly value: number;
  readonly line: number;
}

/** The calls that samples count, and how many samples tell of none. */
export interface MeteredCalls {
  readonly calls: readonly ObservedCall[];
  readonly others: number;
}

/** The calls in a text of Prometheus' exposition format (or OpenMetrics), as `/metrics` and `/federate` give it. */
export function callsOfMetricsText(file: string, text: string): MeteredCalls {
  const samples = text.split('\n').flatMap((line, index) => sampleOf(line, index + 1) ?? []);
  return callsOf(samples, file);
}

/** The same in an answer of Prometheus' HTTP API: a vector or a matrix, with or without what surrounds it. */
export function callsOfMetricsJson(file: string, value: unknown): MeteredCalls {
  const { data, result } = fieldsOf(value);
  const series = Array.isArray(value) ? value : listOf(fieldsOf(data).result ?? result);
  const samples = series.map((one): Sample => {
    const { metric, value: last, values } = fieldsOf(one);
    const labels = stringsOf(metric);
    const [, number] = listOf(listOf(values).at(-1) ?? last);
    return { name: own(labels, '__name__') ?? '', labels, value: Number(scalarOf(number) ?? Number.NaN), line: 1 };
  });
  // A query that sums calls loses the name of the metric; its labels tell what it is about.
  return callsOf(
    samples.map((sample) => (sample.name === '' ? { ...sample, name: 'istio_requests_total' } : sample)),
    file,
  );
}

/** Whether a value is an answer of Prometheus. */
export function isMetricsJson(value: unknown): boolean {
  const { data, result } = fieldsOf(value);
  const [first] = Array.isArray(value) ? value : listOf(fieldsOf(data).result ?? result);
  return isObject(fieldsOf(first).metric) || Array.isArray(fieldsOf(data).result);
}

function stringsOf(value: unknown): LabelValues {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([name, member]) => [name, scalarOf(member) ?? '']));
}

/** A line of the exposition format; undefined for comments and what is none. */
function sampleOf(text: string, line: number): Sample | undefined {
  const [, name, rest] = /^[ \t]*([a-zA-Z_:][\w:]*)(.*)/.exec(text) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  const found = rest.startsWith('{') ? labelsOf(rest) : { labels: {}, end: 0 };
  const [value = ''] = rest.slice(found?.end).trim().split(/\s/, 1);
  return found === undefined ? undefined : { name, labels: found.labels, value: Number(value), line };
}

/** The labels in braces, and where they end. */
function labelsOf(text: string): { readonly labels: LabelValues; readonly end: number } | undefined {
  const labels: [string, string][] = [];
  let at = 1;
  const pair = /[\s,]*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/y;
  for (;;) {
    pair.lastIndex = at;
    const [whole, name, value] = pair.exec(text) ?? [];
    if (whole === undefined || name === undefined || value === undefined) break;
    labels.push([name, value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))]);
    at += whole.length;
  }
  const close = text.indexOf('}', at);
  return close === -1 ? undefined : { labels: Object.fromEntries(labels), end: close + 1 };
}

function callsOf(samples: readonly Sample[], file: string): MeteredCalls {
  const counting = samples.filter(({ name }) => CALLS.has(name));
  // Counters that stand at zero count nothing.
  const counted = groupBy(
    counting.filter(({ value }) => value > 0),
    ({ labels }) => own(labels, 'reporter') ?? '',
  );
  const byReporter = [...counted.values()].map((some) => mergeObservations(some.flatMap((sample) => callOf(sample, file))));
  return { calls: ofBothEnds(byReporter.flat()), others: samples.length - counting.length };
}

function callOf({ name, labels, value, line }: Sample, file: string): readonly ObservedCall[] {
  const client = clientOf(labels);
  const { protocol, hosts } = serverOf(labels);
  const isHttp = name === 'istio_requests_total' && protocol !== 'tcp';
  return hosts.length === 0 ? [] : [{ client, server: { hosts }, isHttp, count: value, place: { file, line } }];
}

/** Both ends of a call count it: what is the same at both is counted once. */
function ofBothEnds(calls: readonly ObservedCall[]): readonly ObservedCall[] {
  const known = new Map<string, ObservedCall>();
  for (const call of calls) {
    const key = JSON.stringify([call.client, call.server, call.isHttp]);
    const other = known.get(key);
    known.set(key, other === undefined ? call : { ...other, count: Math.max(other.count, call.count) });
  }
  return [...known.values()];
}

/** A label that tells something; istio writes `unknown` where a proxy does not know. */
function told(labels: LabelValues, name: string): string | undefined {
  const value = own(labels, name);
  return value === undefined || value === '' || value === 'unknown' ? undefined : value;
}

function clientOf(labels: LabelValues): ObservedClient {
  const name = told(labels, 'source_workload');
  const namespace = told(labels, 'source_workload_namespace');
  const identity = told(labels, 'source_principal');
  return {
    ...(name !== undefined && namespace !== undefined && { workload: `${namespace}/${name}` }),
    ...(identity !== undefined && { identity }),
  };
}

function serverOf(labels: LabelValues): { readonly protocol: string | undefined; readonly hosts: readonly string[] } {
  const name = told(labels, 'destination_service_name');
  const namespace = told(labels, 'destination_service_namespace');
  const full = told(labels, 'destination_service');
  const short = name !== undefined && namespace !== undefined ? `${name}.${namespace}` : name;
  return {
    protocol: told(labels, 'request_protocol'),
    hosts: [full, short].filter((host) => host !== undefined),
  };
}
