/** The cipher suites that Envoy knows; istio pkg/config/security/security.go ValidCipherSuites. */
const knownSuites: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
];

/** Whether Envoy takes the suite; names that start with an operator are left to Envoy. */
export function isValidCipherSuite(suite: string): boolean {
  return suite === '' || suite === 'ALL' || !/^[\p{L}\p{N}]/u.test(suite) || knownSuites.includes(suite);
}

/** The suites that Envoy takes, each once; istio security.FilterCipherSuites. */
export function filterCipherSuites(suites: readonly string[]): readonly string[] {
  return [...new Set(suites.filter(isValidCipherSuite))];
}
