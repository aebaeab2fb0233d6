"""Deployment: moves pods from one ReplicaSet to the next within surge and unavailability bounds."""
