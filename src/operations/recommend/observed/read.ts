import { callOfLogLine } from './access-log.ts';
import { callsOfMetricsJson, callsOfMetricsText, isMetricsJson } from './metrics.ts';
import { mergeObservations, type ObservedCalls } from './observation.ts';

/** The calls that a file tells of: metrics of Istio as Prometheus writes them (text or JSON), or an access log of Envoy (text or JSON). */
export function readObservedCalls(file: string, text: string): ObservedCalls {
  const value = jsonOf(text);
  if (value !== undefined && isMetricsJson(value)) return metered(file, callsOfMetricsJson(file, value));
  if (/^[ \t]*istio_\w/m.test(text)) return metered(file, callsOfMetricsText(file, text));
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
  const written = lines.filter(({ line }) => line.trim() !== '');
  const calls = written.flatMap(({ line, number }) => callOfLogLine(file, line, number) ?? []);
  return { file, kind: 'access log', calls: mergeObservations(calls), others: written.length - calls.length };
}

function metered(file: string, { calls, others }: ReturnType<typeof callsOfMetricsText>): ObservedCalls {
  return { file, kind: 'metrics', calls: mergeObservations(calls), others };
}

/** The value of a text that is JSON as a whole. */
function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
