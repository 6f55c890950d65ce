import { t } from '../../i18n/translate.ts'
import { Skeleton } from '../ui/skeleton.tsx'

/** The app's outline while the session loads. */
export const ShellSkeleton = () => (
  <div className="flex h-dvh" aria-busy="true">
    <div className="hidden w-64 shrink-0 space-y-3 border-e border-line bg-sunken p-3 md:block">
      <Skeleton className="h-8 w-28" />
      <Skeleton className="h-9 w-full" />
      <Skeleton className="mt-6 h-5 w-40" />
      <Skeleton className="h-5 w-48" />
      <Skeleton className="h-5 w-36" />
    </div>
    <main className="grid flex-1 place-items-center">
      <p role="status" className="sr-only">
        {t('common.loading')}
      </p>
    </main>
  </div>
)
