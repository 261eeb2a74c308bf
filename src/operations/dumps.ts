import { dataError } from '../diagnostics/user-error.ts';
import { type ConfigDump, isConfigDump, readConfigDump } from '../envoy/config-dump.ts';
import type { FileSystem } from '../source/file-system.ts';
import { objectIn, parseJsonText } from '../util/json-text.ts';
import { type Fields, isObject, own } from '../util/object.ts';
import { parseYamlValue } from '../util/yaml.ts';

/** Reads a `/config_dump` from a file, or from standard input for `-`. Throws a UserError that says what is wrong with it. */
export function readDumpFile(file: string, files: FileSystem): ConfigDump {
  const value = parseDump(readDumpText(file, files), file);
  if (isZtunnelDump(value))
    throw dataError(`${file} is the dump of a ztunnel, not of an Envoy; mesh ztunnel-config all -f ${file} prints it`);
  if (!isConfigDump(value)) throw dataError(`${file} is not the /config_dump of an Envoy: it has no list "configs"`);
  return readConfigDump(value);
}

/** The text of a dump. */
export function readDumpText(file: string, files: FileSystem): string {
  try {
    return file === '-' ? files.readStandardInput() : files.readText(file);
  } catch (error) {
    throw dataError(`cannot read ${file}: ${reasonIn(error)}`);
  }
}

/** The text of what may be a dump; undefined where it cannot be read: reading it as manifests says what is wrong with it. */
export function textOrNothing(file: string, files: FileSystem): string | undefined {
  try {
    return readDumpText(file, files);
  } catch {
    return undefined;
  }
}

/** Whether a text is the dump of an Envoy. */
export function isDumpText(text: string): boolean {
  return objectIn(text, isConfigDump) !== undefined;
}

/** Whether JSON is the `/config_dump` of a ztunnel. */
function isZtunnelDump(value: unknown): value is Fields {
  if (!isObject(value) || own(value, 'kind') !== undefined) return false;
  return [own(value, 'workloads'), own(value, 'services')].every((part) => typeof part === 'object' && part !== null);
}

/** The dump of a ztunnel that a text is; undefined for other texts. */
export function ztunnelDumpIn(text: string): Fields | undefined {
  return objectIn(text, isZtunnelDump);
}

/** The value that the JSON of a dump holds; `hint` ends the sentence of what is wrong with it. */
export function parseDump(text: string, file: string, hint = ''): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    throw dataError(`${file} is not the JSON of an Envoy dump (${reasonIn(error)})${hint}`);
  }
}

/** The value of a dump that may be YAML. */
export function parseDumpYaml(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parseYamlValue(text);
    } catch (error) {
      throw dataError(`${file} is not YAML (${reasonIn(error)})`);
    }
  }
}

function reasonIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
