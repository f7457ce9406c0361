/** A seed that once found something, and what it was. The simulation has changed since, so some may find nothing new today. */
export interface RegressionSeed {
  readonly seed: number;
  readonly found: string;
}

/** Every seed that has ever failed, played again in each run. */
export const REGRESSION_SEEDS: readonly RegressionSeed[] = [
  { seed: 0x00, found: 'two settlements of one hold in one batch: both were told that theirs closed it' },
  { seed: 0x02, found: 'two settlements of one hold in one batch: both wrote their usage events' },
  { seed: 0x33, found: 'a released request, swept meanwhile: its event had the number of the sweeper' },
  { seed: 0x99, found: 'a released request, swept meanwhile: its event had the number of the sweeper' },
];
