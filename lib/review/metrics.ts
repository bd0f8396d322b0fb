/** Counts what reviews did, as Prometheus reads it (text format 0.0.4). */
import type { Happening, Report } from '../report.ts'

/** Upper bounds in seconds; the API server waits 5 s where nothing else is said. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

type Reviewed = Extract<Happening, { type: 'reviewed' }>

interface Series {
  readonly labels: string
  readonly buckets: number[]
  seconds: number
  count: number
}

export interface Metrics {
  /** Counts reviews; hand it what `review` and `convert` report. */
  readonly report: Report
  /** `fairlead_review_seconds` by review, verb and result; `_count` is the number of answers. */
  text(): string
}

export function reviewMetrics(): Metrics {
  const series = new Map<string, Series>()
  return {
    report(happening) {
      if (happening.type === 'reviewed') count(series, happening)
    },
    text: () => [...HEAD, ...[...series.values()].flatMap(linesOf), ''].join('\n'),
  }
}

const NAME = 'fairlead_review_seconds'
const HEAD = [
  `# HELP ${NAME} How long reviews and conversions took to answer, by result.`,
  `# TYPE ${NAME} histogram`,
]

function count(series: Map<string, Series>, { review, verb, result, milliseconds }: Reviewed): void {
  const labels = `review="${review}",verb="${verb}",result="${result}"`
  const one = series.get(labels) ?? { labels, buckets: BUCKETS.map(() => 0), seconds: 0, count: 0 }
  const seconds = milliseconds / 1000
  for (const [index, bound] of BUCKETS.entries())
    if (seconds <= bound) one.buckets[index] = (one.buckets[index] ?? 0) + 1
  one.seconds += seconds
  one.count++
  series.set(labels, one)
}

const linesOf = ({ labels, buckets, seconds, count }: Series): string[] => [
  ...buckets.map((value, index) => `${NAME}_bucket{${labels},le="${BUCKETS[index]}"} ${value}`),
  `${NAME}_bucket{${labels},le="+Inf"} ${count}`,
  `${NAME}_sum{${labels}} ${seconds}`,
  `${NAME}_count{${labels}} ${count}`,
]
