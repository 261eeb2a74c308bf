/** Why no connection that comes to a listener is as a filter chain asks, by what they lack. */
const NO_SUCH_CONNECTION: Readonly<Record<'port' | 'address' | 'TLS' | 'HTTP', string>> = {
  port: 'its listener has another port',
  address: 'its listener has another address',
  TLS: 'nothing looks for TLS there (no TLS inspector at the port)',
  HTTP: 'nothing looks for HTTP there (no HTTP inspector at the port)',
};

/** Why no connection that comes to a listener is as a filter chain asks. */
export function lackWords(lacks: readonly (keyof typeof NO_SUCH_CONNECTION)[]): string {
  return lacks.length === 0
    ? 'no connection that comes to its listener is as it asks'
    : lacks.map((lack) => NO_SUCH_CONNECTION[lack]).join(', or ');
}
