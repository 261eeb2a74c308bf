import type { RequestLabel } from '../../operations/diff/report.ts';

/** The request as one would write it. */
export function formatRequest({ method, url, headers }: RequestLabel): string {
  return [`${method} ${url}`, ...headers.map(([name, value]) => `${name}: ${value}`)].join('  ');
}

/** The host of a URL with its port. */
export function hostPortOf(url: string): string {
  return url.replace(/^\w+:\/\//, '').replace(/[/?#].*$/s, '');
}
