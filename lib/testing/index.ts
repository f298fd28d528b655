export { callEnded, type CallEndedPayload } from './call-ended.js';
export { deliver, type DeliverOptions, type DeliverReply } from './deliver.js';
export { delivery, type DeliveryOverrides } from './delivery.js';
export {
  signDelivery,
  type DeliveryBody,
  type SignDeliveryOptions,
  type SignedDelivery,
} from './sign-delivery.js';
