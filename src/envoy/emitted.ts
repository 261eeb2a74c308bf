/** What EnvoyFilter matching needs to know of an emitted resource and its JSON does not hold. */
export interface PatchSite {
  readonly context: 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';
  /** Clusters: hostnames of the services behind it. */
  readonly hosts?: readonly string[];
  /** Listeners: the route configurations in them that Istio does not patch, by name. */
  readonly fixedRoutes?: ReadonlySet<string>;
}

/** An xDS resource with its patch site, undefined where no patch reaches it. Its origin (util/origin.ts) is on the value and on the parts of it. */
export interface Emitted<T> {
  readonly value: T;
  readonly site: PatchSite | undefined;
}
