export { reasonOf, TransferRefusal } from '../transfer/refusal.ts'
export { seedDatabase, type SeededTenant, type SeedOptions, type SeedReport, type SeedStep } from './seed-database.ts'
export { seedInstallation } from './seed-installation.ts'
export type { SeededPerson } from './seed-people.ts'
