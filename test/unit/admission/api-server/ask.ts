import { createApiServer } from '../../../../src/admission/api-server/index.ts';
import type { ApiServerOptions } from '../../../../src/admission/api-server/options.ts';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { expandLists } from '../../../../src/source/lists.ts';
import { parseText } from '../../../../src/source/parse.ts';

/** What the API server says of a text of manifests. */
export async function askApiServer(text: string, options: Partial<ApiServerOptions> = {}): Promise<readonly Diagnostic[]> {
  const documents = expandLists(parseText('m.yaml', text, () => {}));
  const apiServer = await createApiServer(documents, {
    release: defaultRelease,
    channel: 'standard',
    isChannelSure: true,
    unknownFields: 'strict',
    ...options,
  });
  return documents.flatMap((document) => apiServer(document) ?? []);
}

/** As `line:column severity field: message`. */
export async function answersTo(text: string, options: Partial<ApiServerOptions> = {}): Promise<readonly string[]> {
  const said = await askApiServer(text, options);
  return said.map(({ location, severity, apiServer }) =>
    [`${location?.line}:${location?.column} ${severity}`, apiServer?.field, apiServer?.message]
      .filter((part) => part !== undefined)
      .join(' '),
  );
}
