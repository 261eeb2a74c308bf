import { records } from '../../envoy/config-dump.ts';
import { goSort } from '../../util/go-sort.ts';
import { isObject } from '../../util/object.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { type DescribeOrigin, originCell, originHead } from './origin-column.ts';

/** The filters of all ECDS sections, as one section; istioctl util/configdump/ecds.go. */
export function joinExtensionConfigs(sections: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const ecdsFilters = sections.flatMap((section) => records(section.ecdsFilters));
  return ecdsFilters.length === 0 ? {} : { ecdsFilters };
}

/** The table of `proxy-config ecds`. */
export function formatExtensionConfigs(
  sections: readonly Readonly<Record<string, unknown>>[],
  origins?: DescribeOrigin,
): Printable {
  const configs = records(joinExtensionConfigs(sections).ecdsFilters)
    .map(({ ecdsFilter }) => (isObject(ecdsFilter) ? ecdsFilter : {}))
    .map((config) => ({ config, name: config.name, typedConfig: config.typedConfig }))
    .map(({ config, name, typedConfig }) => ({
      config,
      name: typeof name === 'string' ? name : '',
      type: isObject(typedConfig) && typeof typedConfig['@type'] === 'string' ? typedConfig['@type'] : '',
    }));
  const sorted = goSort(configs, (a, b) => (a.type === b.type ? a.name < b.name : a.type < b.type));
  const rows = sorted.map(({ config, name, type }) => [
    name,
    type.replace(/^type\.googleapis\.com\//, ''),
    ...originCell(origins, config),
  ]);
  return formatColumns([['ECDS NAME', 'TYPE', ...originHead(origins)], ...rows], 5);
}
