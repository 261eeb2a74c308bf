import type { Origin } from '../../util/origin.ts';

/** Why a proxy does not have what a request would need, with the place that says so; words for it: output/why/words.ts. */
export type WhyNot = WhyNotFact & {
  /** The field that is to blame, or that would have to change. */
  readonly at?: Origin;
};

/** What is dropped, unseen or absent. Resources are named `namespace/name`. */
export type WhyNotFact = DestinationFact | VirtualServiceFact | GatewayFact | SecurityFact;

type DestinationFact =
  | { readonly kind: 'no such host'; readonly host: string; readonly near: readonly string[] }
  | { readonly kind: 'host only by wildcard'; readonly host: string; readonly wildcard: string }
  | { readonly kind: 'service not exported'; readonly service: string; readonly client: string }
  /** Although it is exported to the client. */
  | { readonly kind: 'service not imported'; readonly service: string; readonly sidecar: string }
  | { readonly kind: 'no such port'; readonly host: string; readonly port: number; readonly ports: readonly number[] }
  | { readonly kind: 'no endpoints'; readonly service: string; readonly selector: Readonly<Record<string, string>> | undefined }
  | { readonly kind: 'subset not defined'; readonly rule: string; readonly subset: string; readonly subsets: readonly string[] }
  | { readonly kind: 'no rule defines subset'; readonly host: string; readonly subset: string }
  | { readonly kind: 'destination rule not exported'; readonly rule: string; readonly client: string }
  /** Rules count from the namespaces of client and service and from the root namespace. */
  | {
      readonly kind: 'destination rule of a stranger';
      readonly rule: string;
      readonly client: string;
      readonly service: string;
      readonly root: string;
    }
  | { readonly kind: 'destination rule replaced'; readonly rule: string; readonly by: string }
  | { readonly kind: 'destination rule for other workloads'; readonly rule: string };

type VirtualServiceFact =
  | { readonly kind: 'no virtual service'; readonly host: string; readonly near: readonly string[] }
  | { readonly kind: 'virtual service not exported'; readonly virtualService: string; readonly client: string }
  | { readonly kind: 'virtual service for others'; readonly virtualService: string; readonly gateways: readonly string[] }
  | {
      readonly kind: 'no such gateway';
      readonly virtualService: string;
      readonly gateway: string;
      readonly near: readonly string[];
    }
  | {
      readonly kind: 'server does not take the host';
      readonly virtualService: string;
      readonly gateway: string;
      readonly hosts: readonly string[];
    }
  | {
      readonly kind: 'rules of another kind';
      readonly virtualService: string;
      readonly has: readonly string[];
      readonly needs: RuleKind;
    }
  | {
      readonly kind: 'delegate dropped';
      readonly virtualService: string;
      readonly delegate: string;
      readonly because: 'missing' | 'has hosts' | 'not exported' | 'does not join';
      readonly near: readonly string[];
    }
  | { readonly kind: 'rule passed over'; readonly rule: string; readonly condition: string };

/** The lists of rules in a VirtualService. */
export type RuleKind = 'http' | 'tls' | 'tcp';

type GatewayFact =
  | { readonly kind: 'gateway selects nothing'; readonly gateway: string; readonly port: number }
  | { readonly kind: 'server without rules'; readonly gateway: string; readonly port: number; readonly needs: RuleKind }
  | { readonly kind: 'port not of the service'; readonly gateway: string; readonly port: number }
  | { readonly kind: 'no server at port'; readonly port: number; readonly ports: readonly number[] }
  | { readonly kind: 'no server for the name'; readonly name: string; readonly port: number; readonly names: readonly string[] }
  | { readonly kind: 'port takes TLS only'; readonly port: number };

type SecurityFact =
  /** A proxy inspects the first bytes of the client, which waits for those of the server. */
  | { readonly kind: 'nobody speaks first'; readonly inspects: 'protocol' | 'TLS' }
  | { readonly kind: 'secret elsewhere'; readonly secret: string; readonly namespace: string; readonly others: readonly string[] }
  | { readonly kind: 'secret incomplete'; readonly secret: string; readonly namespace: string }
  /** ztunnel knows nothing of HTTP, so that rules with such attributes allow nobody there. */
  | { readonly kind: 'HTTP rules at ztunnel'; readonly policy: string; readonly attributes: readonly string[] }
  /** The pods behind a waypoint see its identity, not that of the client. */
  | {
      readonly kind: 'waypoint not admitted';
      readonly waypoint: string;
      readonly identity: string;
      readonly policies: readonly string[];
    }
  | {
      readonly kind: 'mutual TLS only';
      readonly workload: string;
      readonly port: number;
      readonly policy: string;
      /** The client is in ambient mode, and the sidecar of the workload takes no tunnels. */
      readonly isTunnelMissing?: true;
    };
