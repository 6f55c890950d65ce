import type { Me } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'

/** How a model is called in the interface: the built-in one by what it is, any other by its own id. */
export const modelName = (id: string, current: Me['model']): string =>
  (current.builtIn && id === current.id) || id.startsWith('built-in') ? t('chat.model.builtIn') : id
