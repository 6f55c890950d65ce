export { seedDatabase, type SeededTenant, type SeedOptions, type SeedReport, type SeedStep } from './seed-database.ts'
export type { SeededPerson } from './seed-people.ts'
export { SeedRefusal } from './seed-refusal.ts'
