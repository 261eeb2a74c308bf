import { z } from 'zod';
import type { Diagnostic, Location, Path } from '../../diagnostics/diagnostic.ts';
import { reportSchemaIssues } from '../../resource/schema-issues.ts';
import type { SourceDocument } from '../../source/document.ts';
import type { ClientProtocol, ShownCertificate } from '../../trace/outcome.ts';
import type { ServerModel } from '../../trace/servers/server-model.ts';
import { type ServerModelName, serverModels } from '../../trace/servers/servers.ts';
import type { TableRequest } from '../../trace/table.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { tokenText } from '../../util/json-web-token.ts';
import { own } from '../../util/object.ts';

/** The last status that a table can expect. */
export const LAST_STATUS = 599;
const STATUS = `a status from 0 (no answer) to ${LAST_STATUS}`;
const text = z.string();
const textRule = z.union([text, z.strictObject({ not: text })]);
const scalarText = z.union([text, z.number(), z.boolean()]).transform(String);
const headerRules = z.record(text, z.union([scalarText, z.null()]));

const expectation = z.strictObject({
  status: z.int().min(0, STATUS).max(LAST_STATUS, STATUS).optional(),
  pod: z.union([text, z.null(), z.array(text)]).optional(),
  flags: z.union([text, z.null()]).optional(),
  cluster: z.union([text, z.null()]).optional(),
  route: z.union([text, z.null()]).optional(),
  details: z.union([text, z.null()]).optional(),
  body: z.union([textRule, z.array(textRule)]).optional(),
  subset: text.optional(),
  upstreamPath: text.optional(),
  upstreamHost: text.optional(),
  requestHeaders: headerRules.optional(),
  responseHeaders: headerRules.optional(),
  policy: z.union([text, z.null()]).optional(),
  weights: z.record(text, z.number('a number')).optional(),
});

const certificate = z.strictObject({ subjectAltNames: z.array(text).optional(), trusted: z.boolean().optional() });

const request = z.strictObject({
  name: text.optional(),
  from: text,
  to: text.optional(),
  url: text.optional(),
  host: text.optional(),
  path: text.optional(),
  method: text.optional(),
  headers: z.record(text, scalarText).optional(),
  scheme: z.enum(['http', 'https', 'tcp', 'tls'], 'http, https, tcp or tls').optional(),
  http2: z.boolean().optional(),
  grpc: z.boolean().optional(),
  websocket: z.boolean().optional(),
  serverFirst: z.boolean().optional(),
  sni: text.optional(),
  clientCert: z.union([z.boolean(), certificate]).optional(),
  source: text.refine(isIpAddress, 'an IP address').optional(),
  claims: z.record(text, z.unknown()).optional(),
  expect: expectation.optional(),
});

const serverNames = Object.keys(serverModels) as ServerModelName[];

const table = z.strictObject({
  servers: z.enum(serverNames, serverNames.join(' or ')).optional(),
  requests: z.array(request),
  echo: z.record(text, z.array(z.union([z.int(), text]))).nullish(),
  dns: z.record(text, text).nullish(),
  addresses: z.record(text, text).nullish(),
});

/** A request as it is written: client and address may be names that the mesh resolves. */
export type WrittenRequest = Omit<TableRequest, 'to'> & { readonly to?: string; readonly url?: string };

/** A request table as it stands in a file. */
export interface RequestTable {
  readonly file: string;
  readonly requests: readonly WrittenRequest[];
  /** What is known of servers; `echo` when the table says nothing. */
  readonly servers: ServerModel;
  readonly listening: Readonly<Record<string, readonly (number | string)[]>>;
  readonly dns: Readonly<Record<string, string>>;
  readonly addresses: Readonly<Record<string, string>>;
  /** Where a request stands. */
  locate(index: number): Location;
}

/** Reads a request table; gives its problems instead when it is not one. */
export function decodeTable(document: SourceDocument): RequestTable | readonly Diagnostic[] {
  const parsed = table.safeParse(document.value);
  if (!parsed.success) {
    const problems: Diagnostic[] = [];
    const report = (problem: Diagnostic): void => void problems.push(problem);
    reportSchemaIssues(parsed.error.issues, { document, name: 'the table', knownKeys }, report);
    return problems;
  }
  const { requests, echo, dns, addresses, servers = 'echo' } = parsed.data;
  return {
    file: document.file,
    requests: requests.map(toRequest),
    servers: serverModels[servers],
    listening: echo ?? {},
    dns: dns ?? {},
    addresses: addresses ?? {},
    locate: (index) => document.locate(['requests', index]),
  };
}

/** The fields that a table can have at a path. */
function knownKeys(path: Path): readonly string[] {
  const names = path.filter((step) => typeof step === 'string').join('.');
  const shapes: Readonly<Record<string, object>> = {
    '': table.shape,
    requests: request.shape,
    'requests.expect': expectation.shape,
    'requests.clientCert': certificate.shape,
  };
  return Object.keys(own(shapes, names) ?? {});
}

function toRequest({
  http2,
  grpc,
  websocket,
  serverFirst,
  sni,
  clientCert,
  claims,
  expect = {},
  ...rest
}: z.infer<typeof request>): WrittenRequest {
  const token = claims === undefined ? undefined : unsignedToken(claims);
  const headers = token === undefined ? rest.headers : { ...rest.headers, authorization: `Bearer ${token}` };
  const shared = withoutUndefined({
    ...rest,
    headers,
    serverName: sni,
    clientCertificate: typeof clientCert === 'object' ? certificateShown(clientCert) : clientCert,
    speaks: protocolOf({ http2, grpc, websocket }),
    isServerFirst: serverFirst,
  });
  return {
    ...shared,
    expect: withoutUndefined(expect),
    ...(token === undefined ? {} : { trustedTokens: [token] }),
  } as WrittenRequest;
}

/** A certificate, of the fields that say which. */
export function certificateShown(fields: {
  readonly subjectAltNames?: readonly string[] | undefined;
  readonly trusted?: boolean | undefined;
}): ShownCertificate {
  const { subjectAltNames, trusted: isTrusted } = fields;
  return withoutUndefined({ subjectAltNames, isTrusted }) as ShownCertificate;
}

/** What a client speaks, of the flags that say so; gRPC goes over HTTP/2 and WebSocket does not. */
export function protocolOf(flags: {
  readonly http2?: boolean | undefined;
  readonly grpc?: boolean | undefined;
  readonly websocket?: boolean | undefined;
}): ClientProtocol | undefined {
  if (flags.grpc === true) return 'gRPC';
  if (flags.websocket === true) return 'WebSocket';
  return flags.http2 === true ? 'HTTP/2' : undefined;
}

/** A token that holds claims; what makes it valid is that the trace is told to trust it. */
export function unsignedToken(claims: Readonly<Record<string, unknown>>): string {
  return tokenText(claims, 'InRydXN0ZWQi');
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
