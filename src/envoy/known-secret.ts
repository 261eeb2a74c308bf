/** A certificate and its key as PEM. */
export interface CertificateWithKey {
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** A certificate that the manifests hold (a Secret), by the name under which Envoy asks for it. */
export interface KnownSecret {
  readonly certificate?: CertificateWithKey;
  /** PEM of the authorities that peers are checked against. */
  readonly authorities?: string;
}
