export { findLeaks, installProbe, planProbes, type ProbePlan } from './probes.ts'
export { createScene, type Organisation, type Scene } from './scene.ts'
