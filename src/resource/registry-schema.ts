import { z } from 'zod';
import type { Labels } from './resource.ts';

/**
 * The mock service registry file (`--registry`): services, workloads and endpoints for those who have no Kubernetes
 * manifests. schemas/registry.schema.json is generated from this; docs/registry.md explains it.
 */

const labels = z.record(z.string(), z.string());
const PORT = 'a port from 1 to 65535';
const port = z.int().min(1, PORT).max(65535, PORT);
const name = z.string().min(1, 'a name');

const servicePort = z.union([
  port.describe('A port without a name: Envoy detects what it speaks.'),
  z
    .string()
    .regex(/^[a-z0-9-]+:\d+(:\d+)?$/, '`name:port` or `name:port:targetPort`')
    .describe('`name:port` or `name:port:targetPort`, e.g. `http:80:8080`. The name tells the protocol, as in Kubernetes.'),
  z.strictObject({
    name: name.optional(),
    port,
    targetPort: z.union([port, name]).optional().describe('Port of the workload, by number or name; default: `port`.'),
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
    appProtocol: z.string().optional(),
  }),
]);

const endpoint = z.union([
  z.string().describe('An address.'),
  z.strictObject({
    address: z.string(),
    ready: z.boolean().optional().describe('Default: true.'),
    zone: z.string().optional(),
  }),
]);

const service = z.strictObject({
  name,
  namespace: name.optional().describe('Default: that of the command (`-n`).'),
  ports: z.array(servicePort).optional(),
  selector: labels
    .optional()
    .describe('Labels of its workloads. Default, unless there are `endpoints` or an `externalName`: `app: <name>`.'),
  endpoints: z.array(endpoint).optional().describe('Addresses outside of the workloads of this file.'),
  clusterIP: z.string().optional().describe('An address, or `None` for a headless service. Default: made up from the name.'),
  externalName: z.string().optional().describe('A DNS name that the service stands for.'),
  labels: labels.optional(),
  annotations: labels.optional(),
});

const containerPort = z.union([
  port,
  z.strictObject({ name: name.optional(), port, protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional() }),
]);

const workload = z.strictObject({
  name: name.describe('Name of the Deployment; its pods are `<name>-0`, `<name>-1`, ...'),
  namespace: name.optional().describe('Default: that of the command (`-n`).'),
  labels: labels.optional().describe('Default: `app: <name>`.'),
  annotations: labels.optional(),
  replicas: z
    .int()
    .min(0, 'at least 0')
    .max(10_000, 'at most 10000')
    .optional()
    .describe('Number of pods; default: 1, or one for each address.'),
  addresses: z.array(z.string()).optional().describe('Addresses of the pods. Default: made up from their names.'),
  ports: z.array(containerPort).optional(),
  serviceAccount: z.string().optional().describe('Default: `default`.'),
  sidecar: z.boolean().optional().describe('Whether its pods have a sidecar. Default: as for Kubernetes pods.'),
  gateway: z.boolean().optional().describe('Whether its pods are gateways.'),
  ready: z.boolean().optional().describe('Default: true.'),
  locality: z
    .string()
    .regex(/^[^/]+(\/[^/]+){0,2}$/, '`region`, `region/zone` or `region/zone/subzone`')
    .optional()
    .describe('`region`, `region/zone` or `region/zone/subzone`.'),
  network: z.string().optional(),
});

const namespace = z.strictObject({ name, labels: labels.optional() });

/** A port of a service: a number, `name:port[:targetPort]`, or all of it. */
export type RegistryServicePort =
  | number
  | string
  | {
      readonly name?: string | undefined;
      readonly port: number;
      readonly targetPort?: number | string | undefined;
      readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | undefined;
      readonly appProtocol?: string | undefined;
    };

export type RegistryEndpoint =
  | string
  | { readonly address: string; readonly ready?: boolean | undefined; readonly zone?: string | undefined };

export interface RegistryService {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly ports?: readonly RegistryServicePort[] | undefined;
  readonly selector?: Labels | undefined;
  readonly endpoints?: readonly RegistryEndpoint[] | undefined;
  readonly clusterIP?: string | undefined;
  readonly externalName?: string | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: Labels | undefined;
}

export interface RegistryWorkload {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: Labels | undefined;
  readonly replicas?: number | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly ports?:
    | readonly (
        | number
        | {
            readonly name?: string | undefined;
            readonly port: number;
            readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | undefined;
          }
      )[]
    | undefined;
  readonly serviceAccount?: string | undefined;
  readonly sidecar?: boolean | undefined;
  readonly gateway?: boolean | undefined;
  readonly ready?: boolean | undefined;
  readonly locality?: string | undefined;
  readonly network?: string | undefined;
}

/** What stands in the file. */
export interface RegistryFile {
  readonly namespaces?: readonly { readonly name: string; readonly labels?: Labels | undefined }[] | undefined;
  readonly services?: readonly RegistryService[] | undefined;
  readonly workloads?: readonly RegistryWorkload[] | undefined;
}

/** What the file may hold. */
export const registrySchema: z.ZodType<RegistryFile> = z.strictObject({
  namespaces: z.array(namespace).optional().describe('Namespaces whose labels matter, e.g. `istio-injection: disabled`.'),
  services: z.array(service).optional(),
  workloads: z.array(workload).optional(),
});

/** The schema as JSON Schema, for editors. */
export function registryJsonSchema(): object {
  const generated = z.toJSONSchema(registrySchema, { target: 'draft-2020-12' });
  return {
    $schema: generated.$schema,
    title: 'mesh service registry',
    description: 'Services, workloads and endpoints of a mesh in one file (mesh --registry).',
    ...generated,
  };
}
