export { analyse, type Analysis } from './analyse/analyse.ts'
export { configurationOf, detectLanguage, isLanguage, type Configuration, type Language } from './analyse/language.ts'
export { sentencesOf } from './chunk/sentences.ts'
