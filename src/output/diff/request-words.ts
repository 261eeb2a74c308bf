import type { RequestLabel } from '../../operations/diff/report.ts';

/** The request as one would write it. */
export function formatRequest({ method, url, headers, clientCertificate }: RequestLabel): string {
  return [
    `${method} ${url}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(clientCertificate === undefined ? [] : [certificateWords(clientCertificate)]),
  ].join('  ');
}

/** A certificate that a client shows, by its names. */
function certificateWords(names: readonly string[]): string {
  return names.length === 0 ? '(with a client certificate)' : `(with a client certificate of ${names.join(', ')})`;
}

/** The host of a URL with its port. */
export function hostPortOf(url: string): string {
  return url.replace(/^\w+:\/\//, '').replace(/[/?#].*$/s, '');
}
