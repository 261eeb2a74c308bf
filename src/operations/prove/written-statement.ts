/** Who sends a request, as it is written. */
export interface WrittenSender {
  readonly outside?: true | undefined;
  readonly workloads?: readonly string[] | undefined;
  readonly notWorkloads?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly notNamespaces?: readonly string[] | undefined;
  readonly principals?: readonly string[] | undefined;
  readonly notPrincipals?: readonly string[] | undefined;
  readonly plainText?: true | undefined;
}

/** Who gets a request, as it is written. */
export interface WrittenReceiver {
  readonly services?: readonly string[] | undefined;
  readonly workloads?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly notNamespaces?: readonly string[] | undefined;
  readonly ports?: readonly number[] | undefined;
  readonly notPorts?: readonly number[] | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly notPaths?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly notMethods?: readonly string[] | undefined;
}

/** A token, as it is written. */
export interface WrittenToken {
  readonly issuer?: string | undefined;
  readonly claims?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

/** An exception, as it is written. */
export interface WrittenExcuse {
  readonly token?: true | WrittenToken | undefined;
  readonly mutualTLS?: true | undefined;
  readonly clientCertificate?: true | undefined;
  readonly principals?: readonly string[] | undefined;
}

/** One or several. */
export type OneOrMore<T> = T | readonly T[];

/** A statement, as it is written. */
export interface WrittenStatement {
  readonly name?: string | undefined;
  readonly never?:
    | {
        readonly from?: OneOrMore<'outside' | WrittenSender> | undefined;
        readonly to: OneOrMore<WrittenReceiver>;
        readonly unless?: OneOrMore<WrittenExcuse> | undefined;
      }
    | undefined;
  readonly only?: { readonly from: OneOrMore<'outside' | WrittenSender>; readonly to: OneOrMore<WrittenReceiver> } | undefined;
  readonly always?:
    | {
        readonly mutualTLS?: true | undefined;
        readonly token?: true | WrittenToken | undefined;
        readonly tls?: true | undefined;
        readonly gateways?: readonly string[] | undefined;
        readonly from?: OneOrMore<'outside' | WrittenSender> | undefined;
        readonly to?: OneOrMore<WrittenReceiver> | undefined;
      }
    | undefined;
}

/** A file of statements, as it is written. */
export interface WrittenStatements {
  readonly statements: readonly WrittenStatement[];
}
