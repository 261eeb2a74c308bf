/** What a listener's filters found out about a connection. */
export interface ConnectionTraits {
  readonly destination: { readonly ip: string; readonly port: number };
  readonly source: { readonly ip: string; readonly port: number };
  readonly serverName: string;
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
  /** What filters before the listener noted. */
  readonly filterState?: ReadonlyMap<string, string>;
}
