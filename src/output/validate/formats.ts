import type { ValidationReport } from '../../operations/validate/validate.ts';
import type { Painter } from '../diagnostics.ts';
import { printedJson } from '../escape/json.ts';
import type { FormatTable } from '../format-table.ts';

/** Formats of `mesh validate`. */
export type ValidateFormat = 'text' | 'json' | 'yaml';

/** How the result of a validation can be printed. */
export const validateFormats: FormatTable<ValidateFormat, [report: ValidationReport, paint: Painter]> = {
  text: async () => (await import('./report.ts')).formatValidationText,
  json: async () => {
    const { validationData } = await import('./report.ts');
    return (report) => printedJson(validationData(report));
  },
  yaml: async () => {
    const [{ validationData }, { formatGoYaml }] = await Promise.all([import('./report.ts'), import('../go-yaml.ts')]);
    return (report) => formatGoYaml(JSON.parse(JSON.stringify(validationData(report))));
  },
};
