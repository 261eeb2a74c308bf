import type { ClaimDimension } from '../../request-space/formula.ts';
import { isObject, own } from '../../util/object.ts';
import type { MetadataByFilter } from '../strings.ts';
import type { Recorder, Scene } from './recorder.ts';
import { ABSENT, constant, type TextSource } from './source.ts';

/** Where the server name of a connection comes from: it is the client's, unless a proxy has put another in its place. */
export function serverNameSource(serverName: string, recorder: Recorder | undefined): TextSource {
  const asked = recorder?.chosen.serverName;
  if (asked !== undefined && asked.toLowerCase() === serverName.toLowerCase()) {
    return { kind: 'request', dimension: { kind: 'serverName' } };
  }
  return serverName === '' ? ABSENT : constant(serverName);
}

/** Where what is asked of a connection before its bytes are read comes from. */
export function serverNameScene(serverName: string, given: TextSource | undefined, recorder: Recorder | undefined): Scene {
  return {
    text: ({ kind }) => (kind === 'serverName' ? (given ?? serverNameSource(serverName, recorder)) : ABSENT),
    address: () => ({ ip: '', forwarded: undefined }),
    port: () => 0,
  };
}

/** What names the metadata that tokens leave, filter and key. */
export function claimsKey(filter: string, key: string): string {
  return JSON.stringify([filter, key]);
}

/** Where metadata come from: claims of a token, or what a filter has noted. */
export function metadataSource(
  { path }: ClaimDimension,
  metadata: MetadataByFilter,
  claims: ReadonlyMap<string, string> | undefined,
): TextSource {
  const [filter = '', key = '', ...inner] = path;
  const issuer = claims?.get(claimsKey(filter, key));
  if (issuer !== undefined) {
    if (inner.length === 1 && inner[0] === 'iss') return constant(issuer);
    return inner.length === 0 ? constant('') : { kind: 'request', dimension: { kind: 'claim', issuer, path: inner } };
  }
  let value: unknown = metadata.get(filter);
  for (const name of path.slice(1)) value = isObject(value) ? own(value, name) : undefined;
  return typeof value === 'string' ? constant(value) : value === undefined ? ABSENT : constant('');
}

/** Of parts that nothing has changed. */
export const AS_SENT: Scene = {
  text: (dimension) => ({ kind: 'request', dimension }),
  address: () => ({ ip: '', forwarded: undefined }),
  port: () => 0,
};

/** Of the address of a client alone. */
export function addressScene(ip: string): Scene {
  return { ...AS_SENT, address: () => ({ ip, forwarded: undefined }) };
}
