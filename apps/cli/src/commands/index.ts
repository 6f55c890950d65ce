import type { Command } from '../command.ts'
import { askCommand } from './ask.ts'
import { doctorCommand } from './doctor.ts'
import { documentsCommand } from './documents.ts'
import { evalCommand } from './eval.ts'
import { ingestCommand } from './ingest.ts'
import { searchCommand } from './search.ts'

/** Every command, in the order in which somebody meets them. */
export const COMMANDS: readonly Command[] = [
  ingestCommand,
  askCommand,
  searchCommand,
  documentsCommand,
  doctorCommand,
  evalCommand,
]
