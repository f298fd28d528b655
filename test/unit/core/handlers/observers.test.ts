import type { DeliveryReport } from 'nestjs-revrag-webhook';
import { expect, it, vi } from 'vitest';
import { Observers } from '../../../../lib/core/handlers/observers.js';

const nobody = { getProviders: () => [] } as never;
const call = { handlerId: 'A', endpoint: 'default', deliveryId: 'evt_1', type: 'call.ended' };

it('calls the work itself where nothing observes', async () => {
  const observers = new Observers(nobody);
  expect(observers.isEmpty).toBe(true);
  expect(await observers.aroundDelivery('default', () => Promise.resolve(1))).toBe(1);
  expect(await observers.aroundHandler(call, () => Promise.resolve(2))).toBe(2);
});

it('passes everything on to telemetry, which alone is enough to make reports', async () => {
  const telemetry = {
    aroundDelivery: vi.fn((_endpoint: string, work: () => unknown) => work()),
    aroundHandler: vi.fn((_call: object, work: () => unknown) => work()),
    outcome: vi.fn(),
  };
  const observers = new Observers(nobody, telemetry as never);
  expect(observers.isEmpty).toBe(false);
  expect(await observers.aroundDelivery('sales', () => Promise.resolve(1))).toBe(1);
  expect(telemetry.aroundDelivery).toHaveBeenCalledWith('sales', expect.any(Function));
  expect(await observers.aroundHandler(call, () => Promise.resolve(2))).toBe(2);
  expect(telemetry.aroundHandler).toHaveBeenCalledWith(call, expect.any(Function));
  const report = { outcome: 'processed' } as DeliveryReport;
  observers.outcome(report);
  expect(telemetry.outcome).toHaveBeenCalledWith(report);
});
