import { records } from '../../envoy/config-dump.ts';
import { goSort } from '../../util/go-sort.ts';
import { isObject } from '../../util/object.ts';
import { formatColumns } from '../columns.ts';

/** The filters of all ECDS sections, as one section; istioctl util/configdump/ecds.go. */
export function joinExtensionConfigs(sections: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const ecdsFilters = sections.flatMap((section) => records(section.ecdsFilters));
  return ecdsFilters.length === 0 ? {} : { ecdsFilters };
}

/** The table of `proxy-config ecds`. */
export function formatExtensionConfigs(sections: readonly Readonly<Record<string, unknown>>[]): string {
  const configs = records(joinExtensionConfigs(sections).ecdsFilters)
    .map(({ ecdsFilter }) => (isObject(ecdsFilter) ? ecdsFilter : {}))
    .map(({ name, typedConfig }) => ({
      name: typeof name === 'string' ? name : '',
      type: isObject(typedConfig) && typeof typedConfig['@type'] === 'string' ? typedConfig['@type'] : '',
    }));
  const sorted = goSort(configs, (a, b) => (a.type === b.type ? a.name < b.name : a.type < b.type));
  const rows = sorted.map(({ name, type }) => [name, type.replace(/^type\.googleapis\.com\//, '')]);
  return formatColumns([['ECDS NAME', 'TYPE'], ...rows], 5);
}
