import { type ConfigDump, isConfigDump, readConfigDump } from '../envoy/config-dump.ts';
import { parseJsonText } from '../util/json-text.ts';
import { CommandError, EXIT } from './exit.ts';
import type { Io } from './io.ts';

/** Reads a `/config_dump` from a file, or from standard input for `-`. Throws a CommandError that says what is wrong with it. */
export function readDumpFile(file: string, io: Io): ConfigDump {
  const value = parseJson(readDumpText(file, io), file);
  if (!isConfigDump(value))
    throw new CommandError(`${file} is not the /config_dump of an Envoy: it has no list "configs"`, EXIT.data);
  return readConfigDump(value);
}

/** The text of a dump. */
export function readDumpText(file: string, io: Io): string {
  try {
    return file === '-' ? io.readStandardInput() : io.readText(file);
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, EXIT.data);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${file} is not the JSON of an Envoy dump (${reason})`, EXIT.data);
  }
}
