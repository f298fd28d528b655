export { callEnded, type CallEndedOverrides, type CallEndedPayload } from './call-ended.js';
export { deliver, type DeliverOptions, type DeliverReply } from './deliver.js';
export { delivery, type DeliveryOverrides } from './delivery.js';
export {
  idempotencyStoreContract,
  type ContractCase,
  type IdempotencyStoreContractOptions,
} from './idempotency-store-contract.js';
export {
  signDelivery,
  type DeliveryBody,
  type SignDeliveryOptions,
  type SignedDelivery,
} from './sign-delivery.js';
