import { jwksUriFetchUnrestricted } from '../../diagnostics/problems/istio/policies.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

const MAX_NAMES = 5;

/** istio analyzers/authn/blockedcidrs.go. */
export const jwksFetching: Analyzer = {
  name: 'authn.BlockedCIDRsAnalyzer',
  about: 'istiod is told which addresses not to fetch keys from, when RequestAuthentications may name any',
  reads: ['RequestAuthentication', 'Deployment'],
  codes: [jwksUriFetchUnrestricted.code],
  run(reader, report) {
    const names = reader.list('RequestAuthentication').map(fullName);
    if (names.length === 0) return;
    const rest = names.length > MAX_NAMES ? `, and ${names.length - MAX_NAMES} more` : '';
    for (const resource of reader.list('Deployment')) {
      if (resource.labels.app !== 'istiod') continue;
      const variables = (resource.spec.template?.spec?.containers ?? []).flatMap(({ env = [] }) => env);
      if (variables.some(({ name, value = '' }) => name === 'BLOCKED_CIDRS_IN_JWKS_URIS' && value !== '')) continue;
      report(jwksUriFetchUnrestricted(at(resource), names.length, `${names.slice(0, MAX_NAMES).join(', ')}${rest}`));
    }
  },
};
