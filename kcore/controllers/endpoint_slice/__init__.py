"""EndpointSlices: the pods behind a Service, as proxies and DNS read them."""
