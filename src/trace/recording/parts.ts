import type { TextDimension } from '../../request-space/formula.ts';

/** The path of a request without its query. */
export const PATH: TextDimension = { kind: 'path' };

/** Whom a request is for. */
export const AUTHORITY: TextDimension = { kind: 'authority' };

/** The method of a request. */
export const METHOD: TextDimension = { kind: 'method' };

/** The server name of a TLS client. */
export const SERVER_NAME: TextDimension = { kind: 'serverName' };

/** The name in the certificate of a client. */
export const IDENTITY: TextDimension = { kind: 'identity' };

/** The names in the certificate of a client that may show any. */
export const CERTIFICATE: TextDimension = { kind: 'certificate' };

/** What is said of a path that a proxy has made another of. */
export const NORMAL_FORM = 'path in normal form';

/** What is said of tokens that are looked for where none was tried. */
export const TOKEN_ELSEWHERE = 'token in another place';

/** What is said of connections that do not begin as a proxy wants it. */
export const PROXY_PROTOCOL = 'the PROXY protocol';

/** What is said of requests that can go on more ways than are followed. */
export const MORE_WAYS = 'more ways than are followed';

/** What is said of bytes that come to a proxy for a second time, which may look at where they come from. */
export const COMES_AGAIN = 'connections that go in a circle';

/** What is said of headers that configuration makes longer than is followed. */
export const LONG_HEADER = 'headers longer than are followed';

/** What is said of other texts that configuration makes longer than is followed. */
export const LONG_TEXT = 'texts longer than are followed';

/** What is said of certificates of clients that are told from others by their fingerprints. */
export const CLIENT_CERTIFICATE = 'fingerprints of certificates';

/** What is said of certificates of clients outside, and of what these say of one, where servers are told of them. */
export const TOLD_CERTIFICATE = 'what servers are told of certificates of clients (x-forwarded-client-cert)';

/** What is said of servers that are spoken to in what clients speak. */
export const CLIENT_PROTOCOL = 'whether its client speaks HTTP/2';

/** What is said of certificates, versions and ciphers of TLS that a proxy ends, of which clients outside of the mesh think what they like. */
export const TLS_SETTINGS = 'settings of TLS';

/** What is said of times, limits and checks of HTTP connections that are not followed. */
export const HTTP_SETTINGS = 'settings of HTTP connections';
