import { normalize } from 'node:path';
import type { ApiServer, GatewayApiChannel } from '../admission/api-server/index.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Release } from '../releases/release.ts';
import { splitApiVersion } from '../resource/kinds.ts';
import type { SourceDocument } from '../source/document.ts';
import { isEncrypted } from '../source/templates.ts';
import { type Again, afresh } from '../util/again.ts';
import { memo } from '../util/memo.ts';
import { fieldsOf, own, stringOf } from '../util/object.ts';
import { type ApiServerMode, gatewayApiChannels } from './options.ts';

/** How users want the API server to be. */
export interface ApiServerSettings {
  readonly mode: ApiServerMode;
  /** Undefined where the manifests decide. */
  readonly channel: GatewayApiChannel | undefined;
}

/**
 * The API server that an input is for, loaded when somebody asks it; undefined where nobody wants to. Of files that a kustomization
 * changes which is not built (`unbuilt`), it does not tell what is absent: the kustomization may add that.
 */
export async function apiServerOf(
  documents: readonly SourceDocument[],
  release: Release,
  { mode, channel }: ApiServerSettings,
  unbuilt: ReadonlySet<string> = new Set(),
  again: Again = afresh,
): Promise<ApiServer | undefined> {
  if (mode === 'none') return undefined;
  const { createApiServer } = await import('../admission/api-server/index.ts');
  const { kindsAmong } = await import('../admission/api-server/kinds.ts');
  const named = channel ?? channelOf(documents);
  const options = { release, unknownFields: mode, channel: named ?? 'standard', isChannelSure: named !== undefined } as const;
  const create = (): Promise<ApiServer> => createApiServer(documents, options);
  const apiServer =
    again === afresh
      ? await create()
      : // What it says of a document depends on that alone, once the definitions of all kinds are there.
        await again('API server', [...Object.values(options), kindsAmong(documents)], async () => memo(await create()));
  return (document) => {
    if (isEncrypted(document)) return undefined;
    const refusals = apiServer(document);
    return refusals !== undefined && refusals.length > 0 && unbuilt.has(normalize(document.file))
      ? refusals.filter((refusal) => !isOfAbsence(refusal))
      : refusals;
  };
}

/** Whether a refusal is about something that is not there, in the words of the API server. */
function isOfAbsence({ apiServer }: Diagnostic): boolean {
  return (
    apiServer !== undefined &&
    /^(?:Required value|Not found)|`selector` does not match template `labels`$/.test(apiServer.message)
  );
}

/** The channel of the definitions of the Gateway API among the manifests; undefined where there are none. */
function channelOf(documents: readonly SourceDocument[]): GatewayApiChannel | undefined {
  const channels = documents.map(channelOfDefinition);
  return gatewayApiChannels.findLast((channel) => channels.includes(channel));
}

function channelOfDefinition({ value }: SourceDocument): unknown {
  const { apiVersion, kind, metadata } = fieldsOf(value);
  const isDefinition =
    kind === 'CustomResourceDefinition' && splitApiVersion(stringOf(apiVersion)).group === 'apiextensions.k8s.io';
  return isDefinition ? own(fieldsOf(fieldsOf(metadata).annotations), 'gateway.networking.k8s.io/channel') : undefined;
}
