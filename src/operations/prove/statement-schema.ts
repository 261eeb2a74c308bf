import { z } from 'zod';
import type { WrittenStatements } from './written-statement.ts';

/**
 * The file of statements (`*.mesh-policy.yaml`): what must hold of all requests. schemas/mesh-policy.schema.json is generated from this;
 * docs/prove.md explains it. Words and the meaning of values are those of AuthorizationPolicy.
 */

const names = (what: string) => z.array(z.string().min(1, what)).min(1, 'a list that names something');
const PORT = 'a port from 1 to 65535';
const ports = z.array(z.int().min(1, PORT).max(65_535, PORT)).min(1, 'a list that names something');
const isTrue = z.literal(true, 'true, or left out');
const WORKLOADS = '`namespace/name`, `name.namespace` or `deployment/name`; of one of several clusters `cluster/namespace/name`.';
const VALUES = 'a value, or one that begins or ends with `*`.';

const sender = z.strictObject({
  outside: isTrue.optional().describe('Who comes in through a gateway, or through a Service of type LoadBalancer or NodePort.'),
  workloads: names('the name of a workload')
    .optional()
    .describe(`Pods of workloads, ${WORKLOADS} A gateway sends what comes through it.`),
  notWorkloads: names('the name of a workload').optional(),
  namespaces: names('a namespace').optional().describe('Pods of namespaces.'),
  notNamespaces: names('a namespace').optional(),
  principals: names('a principal').optional().describe(`Pods that run as these, \`cluster.local/ns/shop/sa/web\`: ${VALUES}`),
  notPrincipals: names('a principal').optional(),
  plainText: isTrue.optional().describe('What reaches its server in plain text, from wherever.'),
});

const receiver = z.strictObject({
  services: names('the name of a service')
    .optional()
    .describe(
      'Services, `namespace/name`, `name.namespace` or a host of a ServiceEntry; of one of several clusters `cluster/namespace/name`.',
    ),
  workloads: names('the name of a workload').optional().describe(`Pods of workloads, ${WORKLOADS}`),
  namespaces: names('a namespace').optional().describe('Pods of namespaces.'),
  notNamespaces: names('a namespace').optional(),
  ports: ports.optional().describe('Ports of the services that are named, else those of the workloads.'),
  notPorts: ports.optional(),
  paths: names('a path')
    .optional()
    .describe(`Paths as they reach the server, without the query: ${VALUES} \`{*}\` is one segment, \`{**}\` any number.`),
  notPaths: names('a path').optional(),
  methods: names('a method').optional().describe('Methods of HTTP.'),
  notMethods: names('a method').optional(),
});

const claimValue = z.union([z.string(), z.array(z.string()).min(1, 'a list that names something')]);

const token = z.strictObject({
  issuer: z.string().min(1, 'an issuer').optional().describe('Default: any issuer that the mesh knows.'),
  claims: z
    .record(z.string(), claimValue)
    .optional()
    .describe(`By name, \`a.b\` for one within another, what one of its values must be: ${VALUES}`),
});

const excuse = z.strictObject({
  token: z.union([isTrue, token]).optional().describe('The request carries a valid token.'),
  mutualTLS: isTrue.optional().describe('The request reaches its server over mutual TLS.'),
  clientCertificate: isTrue
    .optional()
    .describe('A gateway on its way has asked for a certificate, and taken the one that is shown.'),
  principals: names('a principal').optional().describe('The server sees one of these as its client, over mutual TLS.'),
});

const outside = z.literal('outside', '`outside`, or who sends in fields');
const senders = z.union([outside, sender, z.array(z.union([outside, sender])).min(1, 'a sender')]);
const receivers = z.union([receiver, z.array(receiver).min(1, 'a receiver')]);
const excuses = z.union([excuse, z.array(excuse).min(1, 'an exception')]);

const never = z.strictObject({
  from: senders.optional().describe('Default: anybody, pods without the mesh included.'),
  to: receivers,
  unless: excuses.optional(),
});

const only = z.strictObject({
  from: senders.describe('Who may. A workload may always call itself.'),
  to: receivers,
});

const always = z.strictObject({
  mutualTLS: isTrue.optional().describe('All that is sent from `from` to `to` is mutual TLS.'),
  token: z.union([isTrue, token]).optional().describe('All that is sent from `from` to `to` carries a valid token.'),
  tls: isTrue
    .optional()
    .describe('What a gateway takes in plain text never reaches a server; a redirect to TLS does not. `gateways` names which.'),
  gateways: names('the name of a gateway').optional().describe(`With \`tls\`: ${WORKLOADS} Default: all.`),
  from: senders.optional(),
  to: receivers.optional(),
});

const statement = z.strictObject({
  name: z.string().optional().describe('For reports.'),
  never: never.optional().describe('No request from `from` reaches `to`, unless it is one of `unless`.'),
  only: only.optional().describe('Nobody but `from` reaches `to`.'),
  always: always.optional(),
});

/** What the file may hold. */
export const statementsSchema: z.ZodType<WrittenStatements> = z.strictObject({ statements: z.array(statement) });

/** The fields that there are at a path, by the names on the way to it. */
export const statementFields: Readonly<Record<string, readonly string[]>> = fieldsAt();

function fieldsAt(): Readonly<Record<string, readonly string[]>> {
  const [from, to, unless] = [sender, receiver, excuse].map(({ shape }) => Object.keys(shape));
  const tokens = Object.keys(token.shape);
  const at: Record<string, readonly string[]> = { '': ['statements'], statements: Object.keys(statement.shape) };
  for (const [name, { shape }] of Object.entries({ never, only, always })) {
    at[`statements.${name}`] = Object.keys(shape);
    at[`statements.${name}.from`] = from ?? [];
    at[`statements.${name}.to`] = to ?? [];
    at[`statements.${name}.token`] = tokens;
    at[`statements.${name}.unless`] = unless ?? [];
    at[`statements.${name}.unless.token`] = tokens;
  }
  return at;
}

/** The schema as JSON Schema, for editors. */
export function statementsJsonSchema(): object {
  const { $schema, ...generated } = z.toJSONSchema(statementsSchema, { target: 'draft-2020-12' });
  return {
    $schema,
    title: 'mesh policy',
    description: 'Statements about all requests of a mesh, proven or refuted by mesh prove.',
    ...generated,
  };
}
