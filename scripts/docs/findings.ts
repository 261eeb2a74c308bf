import type { Definition } from '../../src/diagnostics/problem.ts';
import { problemAreas } from '../../src/diagnostics/problems/index.ts';
import { namedChecks } from '../../src/findings/checks.ts';
import { docsOf } from '../../src/operations/explain/explanation.ts';
import { documentationUrl } from '../../src/output/findings/describe.ts';
import { helpMarkdown } from '../../src/output/findings/help.ts';
import { defaultRelease, loadReleases } from '../../src/releases/index.ts';
import { environmentParts } from './environment.ts';
import { table } from './table.ts';

const releases = await loadReleases();

/** Parts of docs/ that say what the program defines, by the name that their markers have. */
export function generatedParts(): Readonly<Record<string, string>> {
  const schema = 'schema.ValidationAnalyzer.';
  const checks = namedChecks().filter(({ name }) => !name.startsWith(schema));
  const rows = checks.map(({ name, about, isOptional }) => [`\`${name}\``, `${about}${isOptional ? ' (only when named)' : ''}`]);
  const [own, istio] = [true, false].map((isOwn) => rows.filter((_, index) => isOwn === checks[index]?.name.startsWith('mesh.')));
  const header = ['analyzer', 'looks for'];
  const ofKinds = [
    `\`${schema}<Kind>\``,
    'Each resource of the kind is one that a cluster would accept, without a warning (IST0106, IST0133, IST0130, IST0131); one analyzer for each kind of Istio',
  ];
  return {
    ...environmentParts(),
    'analyzers of Istio': table([header, ...(istio ?? []), ofKinds]),
    'analyzers of mesh': table([header, ...(own ?? [])]),
    codes: problemAreas()
      .map(({ title, problems }) => [`## ${title}`, ...problems.map(describe)].join('\n\n'))
      .join('\n\n'),
  };
}

function describe(definition: Definition): string {
  const { code, name, severity, about } = definition;
  const retired = defaultRelease.retiredCodes[code];
  const url = documentationUrl(code, docsOf(code, defaultRelease, releases));
  return [
    `### ${code}`,
    `\`${name}\`, ${severity}. ${about}`,
    helpMarkdown(definition),
    ...(retired === undefined ? [] : [`mesh never reports it: ${retired}.`]),
    ...sinceWhen(code),
    ...(url === undefined ? [] : [`See also: <${url}>`]),
  ].join('\n\n');
}

/** From which release on istioctl reports a code, where not all do. */
function sinceWhen(code: string): readonly string[] {
  const knowing = releases.filter(({ codes }) => codes.has(code));
  const [first] = knowing;
  return first === undefined || knowing.length === releases.length ? [] : [`From Istio ${first.name} on.`];
}

/** A page with what stands between `<!-- generated: name -->` and `<!-- end -->` made anew. */
export function fillIn(page: string, parts: Readonly<Record<string, string>>): string {
  return page.replaceAll(
    /(<!-- generated: ([^>]*?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      const part = parts[name];
      if (part === undefined) throw new Error(`there is no part called ${name}`);
      return `${start}\n${part}\n\n${end}`;
    },
  );
}
