// Builds a kustomization with kustomize's own library and decodes each manifest strictly into the types of Kubernetes' API: a
// field that does not exist, or stands twice, is a fault. Prints {"manifests": [...], "faults": [...]} as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type report struct {
	Manifests []map[string]any `json:"manifests"`
	Faults    []string         `json:"faults"`
}

func decoder() (runtime.Decoder, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme,
		corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	strict := serializer.SerializerOptions{Yaml: true, Strict: true}
	return serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme, scheme, strict), nil
}

func build(folder string) (report, error) {
	found := report{Manifests: []map[string]any{}, Faults: []string{}}
	decode, err := decoder()
	if err != nil {
		return found, err
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return found, err
	}
	for _, resource := range built.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return found, err
		}
		if _, _, err := decode.Decode(text, nil, nil); err != nil {
			found.Faults = append(found.Faults, fmt.Sprintf("%s %s: %v", resource.GetKind(), resource.GetName(), err))
		}
		object, err := resource.Map()
		if err != nil {
			return found, err
		}
		found.Manifests = append(found.Manifests, object)
	}
	return found, nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manifests FOLDER")
		os.Exit(2)
	}
	found, err := build(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
