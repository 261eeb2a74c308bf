import type { ApiServer } from '../admission/api-server/index.ts';
import { diagnose } from '../admission/diagnose.ts';
import { createResourceValidator, validateObject } from '../admission/index.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import {
  apiServerRefuses,
  invalidValue,
  laterField,
  laterKind,
  missingField,
  noName,
  notAnObject,
  versionNotServed,
  wrongType,
} from '../diagnostics/problems/objects.ts';
import { kindUnknown } from '../diagnostics/problems/repositories.ts';
import { type ConfigDocument, checkConfig, configMapDocuments, isIstioConfigMap } from '../input/istiod-config.ts';
import type { Release } from '../releases/release.ts';
import { createDocumentDecoder, type DecodeOptions, type DocumentDecoder } from '../resource/decode.ts';
import { type Resource, refOf, writtenRef } from '../resource/resource.ts';
import { describeType } from '../resource/shape.ts';
import type { SourceDocument } from '../source/document.ts';
import { isObject } from '../util/object.ts';
import { isErrorOfIstio, judgeDecoding } from './policy/levels.ts';
import { saidOnce } from './policy/precedence.ts';

/** What is wrong with a document by itself. */
export interface CheckedDocument {
  /** Whether istioctl's validate, which does not ask the API server, takes it. */
  readonly isValid: boolean;
  /** What the API server says, then what Istio's webhook does beside it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a document by itself. */
export type DocumentValidator = (document: SourceDocument) => CheckedDocument;

/** What documents are judged by. */
export interface ValidatorOptions extends Pick<DecodeOptions, 'release' | 'namespace'> {
  /** Undefined where only what istiod asks for counts. */
  readonly apiServer?: ApiServer | undefined;
}

/**
 * A validator of documents. The API server speaks first, as in a cluster; what it refuses at a field is not refused there a second
 * time. Of the kinds that it does not judge here, names, ports and addresses are errors, and the rest that it asks for are notes.
 */
export function createDocumentValidator({ release, namespace, apiServer }: ValidatorOptions): DocumentValidator {
  const webhook = createWebhook({ release, namespace });
  return (document) => {
    const answer = apiServer?.(document);
    const found = webhook(document, answer !== undefined);
    if (answer === undefined) return { isValid: !found.some(isErrorOfIstio), diagnostics: found };
    const ofWebhook = found.filter(({ code }) => !ofApiServer.includes(code));
    // Of a kind that comes with a later release, more is known than that there is no such kind.
    const isLater = ofWebhook.some(({ code }) => code === laterKind.code);
    const said = isLater
      ? []
      : withReleases(
          answer,
          ofWebhook.filter(({ code }) => code === laterField.code),
        );
    return { isValid: !ofWebhook.some(isErrorOfIstio), diagnostics: [...said, ...saidOnce(ofWebhook, said)] };
  };
}

/** The answer of the API server, which tells of unknown fields of later releases what they are. */
function withReleases(answer: readonly Diagnostic[], laterFields: readonly Diagnostic[]): readonly Diagnostic[] {
  return answer.map((refusal) => {
    const later = laterFields.find(({ path }) => JSON.stringify(path) === JSON.stringify(refusal.path));
    if (later === undefined || refusal.apiServer === undefined) return refusal;
    const { field, message } = refusal.apiServer;
    return { ...later, severity: refusal.severity, apiServer: { field, message: `${message}: ${later.message}` } };
  });
}

/** Codes of what decoding says in the API server's place. */
const ofApiServer: readonly string[] = [
  ...[apiServerRefuses, invalidValue, kindUnknown, missingField, noName, versionNotServed, wrongType],
].map(({ code }) => code);

/** What Istio says of a document; `isJudged` where the API server has said what it says. */
type Webhook = (document: SourceDocument, isJudged: boolean) => readonly Diagnostic[];

/**
 * The verdicts of istioctl's validate: what it refuses is an error. A resource that cannot be read in full is not checked further, since
 * what is missing would be complained about a second time. In istiod's ConfigMap, the messages are checked too.
 */
function createWebhook({ release, namespace }: ValidatorOptions): Webhook {
  const decoderFor = (isJudged: boolean): DocumentDecoder =>
    createDocumentDecoder({ release, namespace, keepNameless: true, keepRefused: true, readsSnakeCase: true, isJudged });
  const decoders = { judged: decoderFor(true), others: decoderFor(false) };
  const validate = createResourceValidator(release);
  return (document, isJudged) => {
    const { value } = document;
    if (!isObject(value)) {
      const problem = notAnObject({ location: document.locate([]) }, `it is ${describeType(value)}`);
      // A file of YAML that is one text is no data of somebody else but broken, and istioctl says so.
      const isBroken = typeof value === 'string' && !document.file.endsWith('.json');
      return [isBroken ? { ...problem, severity: 'error' } : judgeDecoding(problem, {})];
    }
    const decoding: Diagnostic[] = [];
    const decode = isJudged ? decoders.judged : decoders.others;
    const resource = decode(document, (diagnostic) => void decoding.push(diagnostic));
    const subject = { document, resource: resource === undefined ? writtenRef(value) : refOf(resource) };
    const found = decoding.map((diagnostic) => judgeDecoding(diagnostic, value));
    const written = diagnose(validateObject(document, release), subject);
    const first = [...found, ...written];
    if (resource === undefined || first.some(isErrorOfIstio)) return first;
    return [...first, ...diagnose(validate(resource), subject), ...checkMessages(resource, release)];
  };
}

/** What is wrong with the messages in istiod's ConfigMap, if this is it. */
function checkMessages(resource: Resource, release: Release): readonly Diagnostic[] {
  if (resource.kind !== 'ConfigMap' || !isIstioConfigMap(resource.name)) return [];
  const found: Diagnostic[] = [];
  const documents = configMapDocuments(resource, release, (diagnostic) => void found.push(diagnostic));
  return [...found, ...documents.flatMap(checkMessage)];
}

/** What is wrong with a message of istiod's. What cannot be read of it is left out of the rest of its check. */
export function checkMessage(config: ConfigDocument): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const { resource } = config;
  const { findings } = checkConfig(config, (diagnostic) => void found.push({ ...diagnostic, resource }));
  return [...found, ...findings];
}
