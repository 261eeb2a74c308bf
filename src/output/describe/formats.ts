import type { Description } from '../../operations/describe/description.ts';
import { printedJson } from '../escape/json.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of `mesh describe`; `text` is istioctl's. */
export type DescribeFormat = 'text' | 'json' | 'yaml';

/** How a description can be printed. In text, what is of `namespace` goes by its name alone. */
export const describeFormats: FormatTable<DescribeFormat, [description: Description, namespace: string]> = {
  text: async () => (await import('./text.ts')).formatDescription,
  json: async () => (description) => printedJson(description),
  yaml: async () => {
    const { formatGoYaml } = await import('../go-yaml.ts');
    return (description) => formatGoYaml(description);
  },
};
