import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { writtenRef } from '../../resource/resource.ts';
import type { SourceDocument } from '../../source/document.ts';
import { isObject } from '../../util/object.ts';
import { admit } from './admit.ts';
import { createBuiltInServer } from './core/server.ts';
import { loadDefinitions } from './definitions.ts';
import { diagnoseError, shapeOfSchema } from './diagnose.ts';
import { createKindResolver, kindNamed } from './kinds.ts';
import type { ApiServerOptions } from './options.ts';
import { createRuleCheck } from './rules/index.ts';
import { createSoundnessTest } from './soundness.ts';

export type { GatewayApiChannel } from './options.ts';

/** What the API server says of a new object, before any webhook is asked; undefined for kinds that it does not judge here. */
export type ApiServer = (document: SourceDocument) => readonly Diagnostic[] | undefined;

/** Kubernetes' API server with its own kinds and the definitions of Istio and of the Gateway API, for those kinds that occur. */
export async function createApiServer(documents: readonly SourceDocument[], options: ApiServerOptions): Promise<ApiServer> {
  const { release, channel, unknownFields } = options;
  const resolve = createKindResolver(await loadDefinitions(documents.map(kindNamed), release, channel), options);
  const checkRules = createRuleCheck();
  const isSound = createSoundnessTest();
  const judgeBuiltIn = await createBuiltInServer(documents, unknownFields);
  return (document) => {
    const { value } = document;
    const found = isObject(value) ? resolve(document, value) : undefined;
    if (!isObject(value)) return undefined;
    if (found === undefined) return judgeBuiltIn(document, value);
    if ('refusal' in found) return [found.refusal];
    const { definition, experimental } = found;
    const { errors, warnings } = admit(value, definition, { unknownFields, checkRules, isSound });
    if (errors.length === 0 && warnings.length === 0) return [];
    const subject = {
      document,
      resource: writtenRef(value),
      shape: shapeOfSchema(definition.schema),
      experimental: experimental?.schema,
    };
    return [
      ...errors.map((error) => diagnoseError(error, subject)),
      ...warnings.map((warning) => ({ ...diagnoseError(warning, subject), severity: 'warning' as const })),
    ];
  };
}
