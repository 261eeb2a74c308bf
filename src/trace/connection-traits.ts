import type { ExpressionCompiler } from '../util/re2.ts';
import type { Recorder } from './recording/recorder.ts';
import type { TextSource } from './recording/source.ts';

/** What a listener's filters found out about a connection. */
export interface ConnectionTraits {
  readonly destination: { readonly ip: string; readonly port: number };
  readonly source: { readonly ip: string; readonly port: number };
  readonly serverName: string;
  /** Where it comes from, if a proxy has made it of the request. */
  readonly serverNameSource?: TextSource | undefined;
  /** Hears what of it decides. */
  readonly recorder?: Recorder | undefined;
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
  /** What filters before the listener noted. */
  readonly filterState?: ReadonlyMap<string, string>;
  readonly compile: ExpressionCompiler;
}

/** The same text for connections of which filter chains see the same. */
export function textOfTraits(traits: ConnectionTraits): string {
  const { destination, source, serverName, transportProtocol, applicationProtocols, filterState = [] } = traits;
  return JSON.stringify([
    ...[destination.ip, destination.port, source.ip, source.port, serverName, transportProtocol],
    ...[applicationProtocols, [...filterState]],
  ]);
}
